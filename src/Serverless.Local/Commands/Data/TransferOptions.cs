using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Remotes;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

/// <summary>Options shared by push, fetch and pull, with DVC's names.</summary>
internal sealed class TransferOptions
{
    public Argument<string[]> Targets { get; } =
        new("targets")
        {
            Description = "Tracked files and folders, files inside them, .dvc files or stages. Omit for all.",
            Arity = ArgumentArity.ZeroOrMore,
        };

    public Option<string?> Remote { get; } = new("--remote", "-r") { Description = "Remote to use. Omit for the default remote." };

    public Option<int?> Jobs { get; } = new("--jobs", "-j") { Description = "Number of parallel requests." };

    public Option<bool> AllBranches { get; } = new("--all-branches", "-a") { Description = "Include content used by all branches." };

    public Option<bool> AllTags { get; } = new("--all-tags", "-T") { Description = "Include content used by all tags." };

    public Option<bool> AllCommits { get; } = new("--all-commits", "-A") { Description = "Include content used by all commits." };

    public Option<bool> WithDependencies { get; } = new("--with-deps", "-d") { Description = "Include the dependencies of the targets." };

    public Option<bool> Recursive { get; } = new("--recursive", "-R") { Description = "Include everything below the given folders." };

    public Option<bool> RunCache { get; } = new("--run-cache") { Description = "Include the run cache." };

    public Option<bool> Glob { get; } = new("--glob") { Description = "Treat targets as patterns." };

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

    /// <summary>Writes missing and failed files to standard error, in DVC's words.</summary>
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

    /// <summary>An error of the whole command names the verb and ends with DVC's exit code 1.</summary>
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
