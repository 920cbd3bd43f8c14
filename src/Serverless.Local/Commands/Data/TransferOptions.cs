using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

/// <summary>The options that push, fetch and pull share, with DVC's names.</summary>
internal sealed class TransferOptions
{
    public Argument<string[]> Targets { get; } =
        new("targets")
        {
            Description = "Tracked files and folders, files inside of them, .dvc files, stages; none: all.",
            Arity = ArgumentArity.ZeroOrMore,
        };

    public Option<string?> Remote { get; } = new("--remote", "-r") { Description = "The remote; the default one if none is named." };

    public Option<int?> Jobs { get; } = new("--jobs", "-j") { Description = "How many requests at once." };

    public Option<bool> AllBranches { get; } = new("--all-branches", "-a") { Description = "What all branches use." };

    public Option<bool> AllTags { get; } = new("--all-tags", "-T") { Description = "What all tags use." };

    public Option<bool> AllCommits { get; } = new("--all-commits", "-A") { Description = "What all commits use." };

    public Option<bool> WithDependencies { get; } = new("--with-deps", "-d") { Description = "Also what the targets were made from." };

    public Option<bool> Recursive { get; } = new("--recursive", "-R") { Description = "Everything below the given folders." };

    public Option<bool> RunCache { get; } = new("--run-cache") { Description = "The history of stages too." };

    public Option<bool> Glob { get; } = new("--glob") { Description = "Targets are patterns." };

    public Option<bool> Quiet { get; } = DataCommand.Quiet();

    public Command AddTo(Command command)
    {
        command.Arguments.Add(Targets);
        foreach (
            var option in (Option[])[Remote, Jobs, AllBranches, AllTags, AllCommits, WithDependencies, Recursive, RunCache, Glob, Quiet]
        )
        {
            command.Options.Add(option);
        }

        return command;
    }

    public UsedSelection Selection(ParseResult parsed) =>
        new()
        {
            Targets = Expanded(parsed),
            Recursive = parsed.GetValue(Recursive),
            WithDependencies = parsed.GetValue(WithDependencies),
            AllBranches = parsed.GetValue(AllBranches),
            AllTags = parsed.GetValue(AllTags),
            AllCommits = parsed.GetValue(AllCommits),
        };

    public RepositoryTransfer Transfer(Repository repository, ParseResult parsed)
    {
        var remote = parsed.GetValue(Remote)?.ToLowerInvariant();
        var name = remote ?? repository.Config.DefaultRemote;
        return new RepositoryTransfer(
            repository,
            remote,
            parsed.GetValue(Jobs) ?? (name is null ? null : repository.Config.Number("remote:" + name, "jobs")),
            parsed.GetValue(Quiet) ? null : ProgressLine.OfTerminal()
        );
    }

    /// <summary>DVC's words for a number of files; what is nowhere, and what failed, go to standard error.</summary>
    public static void Warn(TransferSummary summary)
    {
        if (summary.Lost.Count > 0)
        {
            Console.Error.WriteLine("WARNING: Some of the cache files do not exist neither locally nor on remote. Missing cache files:");
            foreach (var id in summary.Lost.Take(50))
            {
                Console.Error.WriteLine($"md5: {id}");
            }

            if (summary.Lost.Count > 50)
            {
                Console.Error.WriteLine($"… and {summary.Lost.Count - 50} more");
            }
        }

        foreach (var failure in summary.Failed.Take(20))
        {
            Console.Error.WriteLine($"ERROR: {failure.Error.Message}");
            if (failure.Error.Fix is { } fix)
            {
                Console.Error.WriteLine(fix);
            }
        }
    }

    public static string Files(int count, string what) => count == 1 ? $"1 file {what}" : $"{count} files {what}";

    /// <summary>What goes wrong as a whole is told with the verb, and ends with DVC's code 1.</summary>
    public static async Task<int> FailingAsync(string what, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (ServerlessException e)
        {
            DataCommand.Error(
                new ServerlessException(e.Code, $"failed to {what} - {e.Message}", e.Fix, e.Status, diagnostics: e.Diagnostics, inner: e)
            );
            return 1;
        }
    }

    private IReadOnlyList<string> Expanded(ParseResult parsed)
    {
        var targets = parsed.GetValue(Targets) ?? [];
        return parsed.GetValue(Glob) ? [.. targets.SelectMany(GlobTargets.Expand)] : targets;
    }
}
