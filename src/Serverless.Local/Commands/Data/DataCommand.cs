using System.CommandLine;
using Serverless.Core;
using Serverless.Data.Git;
using Serverless.Data.Repositories;

namespace Serverless.Local.Commands.Data;

/// <summary>
/// What the commands of a data repository share. They write plain lines as DVC does and use DVC's exit codes: 0 success, 1 negative
/// result, 251 invalid setting, 253 no repository, 255 refused or failed. Code 2 means a usage error or an unsupported command.
/// </summary>
internal static class DataCommand
{
    public const int ConfigFailed = 251;
    public const int NoRepository = 253;
    public const int Refused = 255;

    /// <summary>Runs a command on the repository of the current folder, under its lock unless the command only reads.</summary>
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
                            ? "Free up disk space, then run the same command again. It continues where it stopped."
                            : "Check this user's permissions for that path."
                    );
                    return Refused;
                }
            }
        );
        return command;
    }

    /// <summary>Writes an error in DVC's form, followed by its findings and the fix.</summary>
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

    /// <summary>Stages changed files if core.autostage is set. Otherwise shows the command that does.</summary>
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

    /// <summary>`-q`, an option of every command.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Write only errors." };

    private const int FullDisk = 28;

    private static string Quote(string name) =>
        name.AsSpan().IndexOfAny(" '\"$&|;<>()*?[]!#~`\\\t\n") < 0
            ? name
            : "'" + name.Replace("'", "'\"'\"'", StringComparison.Ordinal) + "'";
}
