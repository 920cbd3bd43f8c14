using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Spectre.Console;

namespace Serverless.Local;

/// <summary>The command line. Exit codes: 0 done, 1 failed, 2 a wrong command line or pipeline file.</summary>
internal static class CommandLine
{
    public const int Failed = 1;
    public const int Usage = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Serverless ML: data versions, pipelines, experiments, models and their rollout, without servers.")
        {
            RunCommand.Create(),
            UpCommand.Create(),
            RunsCommand.Create(),
            LogsCommand.Create(),
            CancelCommand.Create(),
            RetryCommand.Create(),
            ApproveCommand.Create(),
            ModelsCommand.Create(),
            CheckCommand.Create(),
            PolicyCommand.Create(),
            TrainCommand.Create(),
            DropCommand.Create(),
            WatchCommand.Create(),
            PauseCommand.Create(),
            ResumeCommand.Create(),
            DecisionsCommand.Create(),
            RolloutCommand.Create(),
            RolesCommand.Create(),
            ReproCommand.Create(),
            DagCommand.Create(),
            ParamsCommand.Create(),
            MetricsCommand.Create(),
            PlotsCommand.Create(),
        };
        root.WithExample("mlops run samples/churn");
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help } option)
        {
            option.Action = new HelpWithExample(help);
        }

        var parsed = root.Parse(args);
        var errors = parsed.Errors.Select(e => Clear(e.Message)).ToList();
        if (errors.Count == 0)
        {
            // What looks like an option and is none would be taken for an argument.
            errors.AddRange(parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)
                .Where(t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal))
                .Select(t => $"There is no option '{t.Value}'."));
        }

        if (errors.Count > 0)
        {
            foreach (var error in errors)
            {
                Terminal.Error.MarkupLineInterpolated($"[red]{error}[/]");
            }

            Terminal.Error.MarkupLineInterpolated($"`{NameOf(parsed.CommandResult)} --help` shows how it is used.");
            return Usage;
        }

        var output = new PatientWriter(Console.Out);
        Console.SetOut(output);
        var configuration = new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(15) };
        var exitCode = await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        if (output.Failure is { } failure)
        {
            Terminal.Error.MarkupLineInterpolated($"[red]Standard output cannot be written: {failure.Message}[/]");
            return exitCode == 0 ? Failed : exitCode;
        }

        return exitCode;
    }

    /// <summary>A command whose work is done on an open host, and whose errors end in a clear text and exit code.</summary>
    public static void OnHost(this Command command, Func<LocalHost, ParseResult, CancellationToken, Task<int>> work) => command.Guarded(async (parsed, cancellationToken) =>
    {
        await using var host = await LocalHost.OpenAsync(Terminal.Tell, cancellationToken).ConfigureAwait(false);
        return await work(host, parsed, cancellationToken).ConfigureAwait(false);
    });

    public static void Guarded(this Command command, Func<ParseResult, CancellationToken, Task<int>> work) => command.SetAction(async (parsed, cancellationToken) =>
    {
        try
        {
            return await work(parsed, cancellationToken).ConfigureAwait(false);
        }
        catch (ServerlessException e)
        {
            Terminal.Show(e);
            return e.Status is 400 or 404 or 409 && e.Code is not ErrorCodes.Environment ? Usage : Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Terminal.Tell("Stopped.");
            return Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk, a folder that may not be written: the system's own words say which.
            Terminal.Error.MarkupLineInterpolated($"[red]{e.Message}[/]");
            Terminal.Error.WriteLine("Make space on the disk, or give this user the right to write there.");
            return Failed;
        }
        catch (Exception e)
        {
            // Nobody should see a stack trace who did not ask for one.
            Terminal.Error.MarkupLineInterpolated($"[red]{e.GetType().Name}: {e.Message}[/]");
            Terminal.Error.WriteLine(Environment.GetEnvironmentVariable("MLOPS_TRACE") is null ? "Set MLOPS_TRACE=1 to see where it happened." : e.ToString());
            return Failed;
        }
    });

    /// <summary>The parser names types of .NET; all that are used here are whole numbers.</summary>
    private static string Clear(string message) => message.IndexOf(" as expected type", StringComparison.Ordinal) is var at and > 0
        ? message[..at] + ": a whole number is expected."
        : message;

    private static string NameOf(CommandResult? result)
    {
        var names = new List<string>();
        for (; result is not null; result = result.Parent as CommandResult)
        {
            names.Insert(0, result.Parent is null ? "mlops" : result.Command.Name);
        }

        return string.Join(' ', names);
    }
}
