using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Serverless.Core;
using Serverless.Local.Commands.Checks;
using Serverless.Local.Commands.Data;
using Serverless.Local.Commands.Models;
using Serverless.Local.Commands.Policies;
using Serverless.Local.Commands.Projects;
using Serverless.Local.Commands.Runs;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Spectre.Console;

namespace Serverless.Local.Commands;

/// <summary>The command line. Exit codes: 0 success, 1 failure, 2 invalid command line or pipeline file.</summary>
internal static class CommandLine
{
    public const int Failed = 1;
    public const int Usage = 2;

    private static readonly Dictionary<string, Func<Command>> Host = new(StringComparer.Ordinal)
    {
        ["run"] = RunCommand.Create,
        ["up"] = UpCommand.Create,
        ["runs"] = RunsCommand.Create,
        ["logs"] = LogsCommand.Create,
        ["cancel"] = CancelCommand.Create,
        ["retry"] = RetryCommand.Create,
        ["approve"] = ApproveCommand.Create,
        ["models"] = ModelsCommand.Create,
        ["rollout"] = RolloutCommand.Create,
        ["roles"] = RolesCommand.Create,
        ["workspaces"] = WorkspacesCommand.Create,
        ["predict"] = PredictCommand.Create,
        ["data"] = DatasetCommand.Create,
        ["check"] = CheckCommand.Create,
        ["hooks"] = HooksCommand.Create,
        ["maturity"] = MaturityCommand.Create,
        ["policy"] = PolicyCommand.Create,
        ["train"] = TrainCommand.Create,
        ["drop"] = DropCommand.Create,
        ["watch"] = WatchCommand.Create,
        ["pause"] = PauseCommand.Create,
        ["resume"] = ResumeCommand.Create,
        ["decisions"] = DecisionsCommand.Create,
        ["repro"] = ReproCommand.Create,
        ["dag"] = DagCommand.Create,
        ["params"] = ParamsCommand.Create,
        ["metrics"] = MetricsCommand.Create,
        ["plots"] = PlotsCommand.Create,
        ["task"] = TaskCommand.Create,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        if (
            args.Length > 0
            && !Host.ContainsKey(DataCommands.NameOf(args[0]))
            && !DataCommands.All.ContainsKey(DataCommands.NameOf(args[0]))
            && DataCommands.Missing(args[0]) is { } missing
        )
        {
            Console.Error.WriteLine(missing);
            return Usage;
        }

        var root = Root(args);
        root.WithExample("mlops run samples/churn");
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help } option)
        {
            option.Action = new HelpWithExample(help);
        }

        var parsed = root.Parse(args.Length > 0 ? [DataCommands.NameOf(args[0]), .. args[1..]] : args);
        var errors = parsed.Errors.Select(e => Clear(e.Message)).ToList();
        if (errors.Count == 0)
        {
            // The parser would accept an unknown option as an argument.
            errors.AddRange(
                parsed
                    .Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)
                    .Where(t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal))
                    .Select(t => $"Unknown option '{t.Value}'.")
            );
        }

        if (errors.Count > 0)
        {
            foreach (var error in errors)
            {
                Terminal.Error.MarkupLineInterpolated($"[red]{error}[/]");
            }

            Terminal.Error.MarkupLineInterpolated($"Run `{NameOf(parsed.CommandResult)} --help` for usage.");
            return Usage;
        }

        var output = new PatientWriter(Console.Out);
        Console.SetOut(output);
        var configuration = new InvocationConfiguration
        {
            Output = output,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(15),
        };
        var exitCode = await parsed.InvokeAsync(configuration);
        if (output.Failure is { } failure)
        {
            Terminal.Error.MarkupLineInterpolated($"[red]Cannot write to standard output: {failure.Message}[/]");
            return exitCode == 0 ? Failed : exitCode;
        }

        return exitCode;
    }

    // Builds only the command that was typed, or all of them for the help that lists them.
    private static RootCommand Root(string[] args)
    {
        var root = new RootCommand(
            "Serverless ML: version data, run pipelines, track experiments, and register, roll out and serve models."
        );
        var typed = args.Length == 0 ? "" : DataCommands.NameOf(args[0]);
        var create = Host.GetValueOrDefault(typed) ?? DataCommands.All.GetValueOrDefault(typed);
        foreach (var command in create is not null ? [create] : Host.Values.Concat(DataCommands.All.Values))
        {
            root.Subcommands.Add(command());
        }

        return root;
    }

    /// <summary>Runs a command on an open host. Errors end in a message and an exit code.</summary>
    public static void OnHost(this Command command, Func<LocalHost, ParseResult, CancellationToken, Task<int>> work) =>
        command.Guarded(
            async (parsed, cancellationToken) =>
            {
                await using var host = await LocalHost.OpenAsync(Terminal.Tell, cancellationToken);
                return await work(host, parsed, cancellationToken);
            }
        );

    public static void Guarded(this Command command, Func<ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                try
                {
                    return await work(parsed, cancellationToken);
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
                    // A full disk or a read-only folder: the system's message says which.
                    Terminal.Error.MarkupLineInterpolated($"[red]{e.Message}[/]");
                    Terminal.Error.WriteLine("Free up disk space, or grant this user write access to the folder.");
                    return Failed;
                }
                catch (Exception e)
                {
                    // Show a stack trace only on request.
                    Terminal.Error.MarkupLineInterpolated($"[red]{e.GetType().Name}: {e.Message}[/]");
                    Terminal.Error.WriteLine(
                        Environment.GetEnvironmentVariable("MLOPS_TRACE") is null
                            ? "Set MLOPS_TRACE=1 to show the stack trace."
                            : e.ToString()
                    );
                    return Failed;
                }
            }
        );

    /// <summary>The parser's message names a .NET type. The options here only parse whole numbers.</summary>
    private static string Clear(string message) =>
        message.IndexOf(" as expected type", StringComparison.Ordinal) is var at and > 0
            ? message[..at] + ": expected a whole number."
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
