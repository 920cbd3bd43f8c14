using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Git;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

/// <summary>
/// What the commands of a data repository share. They write plain lines as DVC does, and end with DVC's codes: 0 done, 1 the answer is no,
/// 251 a wrong setting, 253 no repository, 255 refused or failed; 2 stands for what is not understood or not done here.
/// </summary>
internal static class DataCommand
{
    public const int ConfigFailed = 251;
    public const int NoRepository = 253;
    public const int Refused = 255;

    /// <summary>A command on the repository that the current folder lies in, under its lock unless it only reads.</summary>
    public static Command OnRepository(
        this Command command,
        Func<Repository, ParseResult, CancellationToken, int> work,
        bool locked = true
    ) =>
        command.OnRepository(
            (repository, parsed, cancellationToken) => Task.FromResult(work(repository, parsed, cancellationToken)),
            locked
        );

    public static Command OnRepository(
        this Command command,
        Func<Repository, ParseResult, CancellationToken, Task<int>> work,
        bool locked = true
    ) =>
        command.Guard(
            async (parsed, cancellationToken) =>
            {
                using var repository = Repository.Open(Environment.CurrentDirectory);
                using var turn = locked ? repository.Lock() : null;
                return await work(repository, parsed, cancellationToken);
            }
        );

    public static Command Guard(this Command command, Func<ParseResult, CancellationToken, Task<int>> work)
    {
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                try
                {
                    return await work(parsed, cancellationToken);
                }
                catch (ServerlessException e)
                {
                    Error(e);
                    return e.Message.StartsWith("you are not inside of a DVC repository", StringComparison.Ordinal) ? NoRepository
                        : e.Message.StartsWith("config file error", StringComparison.Ordinal) ? ConfigFailed
                        : Refused;
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    Console.Error.WriteLine("Stopped.");
                    return Refused;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Console.Error.WriteLine($"ERROR: {e.Message}");
                    Console.Error.WriteLine(
                        e.HResult == FullDisk
                            ? "Make space on the disk: what was done before stays, and the same command goes on."
                            : "Check the rights of this user there."
                    );
                    return Refused;
                }
            }
        );
        return command;
    }

    /// <summary>DVC's form of an error; a finding's line and what would be right follow.</summary>
    public static void Error(ServerlessException e)
    {
        Console.Error.WriteLine($"ERROR: {e.Message}");
        foreach (var finding in e.Diagnostics)
        {
            Console.Error.WriteLine($"  {finding}");
        }

        if (e.Fix is not null)
        {
            Console.Error.WriteLine(e.Fix);
        }
    }

    /// <summary>Stages what changed where the user asked for that (core.autostage), else says how to.</summary>
    public static void TellGit(Repository repository, IReadOnlyList<string> changed, bool quiet)
    {
        if (repository.GitRoot is not { } root || changed.Count == 0)
        {
            return;
        }

        if (repository.Config.Flag("core", "autostage"))
        {
            new GitTool(root).Add([.. changed.Select(p => Path.GetRelativePath(root, p))]);
        }
        else if (!quiet)
        {
            var names = changed
                .Distinct()
                .Select(p => Path.GetRelativePath(Environment.CurrentDirectory, p))
                .Order(StringComparer.Ordinal)
                .Select(Quote);
            Console.Out.WriteLine(
                $"\nTo track the changes with git, run:\n\n\tgit add {string.Join(' ', names)}\n\nTo enable auto staging, "
                    + $"run:\n\n\tmlops config core.autostage true"
            );
        }
    }

    /// <summary>`-q`, which every command has.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Say nothing but errors." };

    private const int FullDisk = 28;

    private static string Quote(string name) =>
        name.AsSpan().IndexOfAny(" '\"$&|;<>()*?[]!#~`\\\t\n") < 0
            ? name
            : "'" + name.Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'";
}
