using System.CommandLine;
using System.Globalization;
using Serverless.Automation.Policies;
using Serverless.Automation.Policies.Records;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Spectre.Console;

namespace Serverless.Local.Commands.Policies;

internal static class PolicyCommand
{
    public static Command Create() =>
        new Command("policy", "Manage training policies: when a model is retrained, and what a challenger must achieve.")
        {
            Apply(),
            Check(),
            Show(),
            History(),
        }.WithExample("mlops policy apply samples/churn/policy.yaml");

    private static Command Apply()
    {
        var path = FileArgument();
        var command = new Command("apply", "Validate and activate a policy together with the pipeline that it names.") { path }.WithExample(
            "mlops policy apply samples/churn/policy.yaml"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var (revision, isNew) = await DeskOf(host)
                    .ApplyAsync(parsed.GetValue(path)!, Environment.UserName, cancellationToken: cancellationToken);
                Terminal.Out.WriteLine(Told(revision, isNew));
                return 0;
            }
        );
        return command;
    }

    /// <summary>Says in one sentence whether applying a policy changed it.</summary>
    public static string Told(PolicyRevision revision, bool isNew) =>
        isNew
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Policy for `{revision.Model}` is active (revision {revision.Revision}, digest {revision.Digest})."
            )
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Policy for `{revision.Model}` is unchanged (revision {revision.Revision}, digest {revision.Digest})."
            );

    public static PolicyDesk DeskOf(LocalHost host) => new(host.Policies, host.Store.Content, Components.Catalog);

    private static Command Check()
    {
        var path = FileArgument();
        var command = new Command("check", "Validate a policy without activating it. Lists every error.") { path }.WithExample(
            "mlops policy check samples/churn/policy.yaml"
        );
        command.Guarded(
            (parsed, _) =>
            {
                // Reading two files needs no store.
                var (policy, pipeline, _) = new PolicyDesk(null!, null!, Components.Catalog).Check(parsed.GetValue(path)!);
                Terminal.Out.WriteLine(
                    $"Policy for `{policy.Model}` is valid (triggers: {PolicyText.Triggers(policy)}; pipeline: {pipeline.Spec.Name})."
                );
                return Task.FromResult(0);
            }
        );
        return command;
    }

    private static Command Show()
    {
        var model = new Argument<string?>("model")
        {
            Description = "Model whose policy and state to show.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("show", "List policies, or show the policy of a model and its state.") { model }.WithExample(
            "mlops policy show churn"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                if (parsed.GetValue(model) is { } one)
                {
                    var state = await host.Policies.GetAsync(one, cancellationToken);
                    var revision = await host.Policies.GetRevisionAsync(one, state.Revision, cancellationToken);
                    Terminal.Out.WriteLine(revision.Text.TrimEnd());
                    Terminal.Out.WriteLine();
                    foreach (var line in PolicyText.Standing(state, revision))
                    {
                        Terminal.Out.WriteLine(line);
                    }

                    return 0;
                }

                var states = await host.Policies.ListAsync(cancellationToken);
                if (states.Count == 0)
                {
                    Terminal.Out.WriteLine("No policies yet. Activate one with `mlops policy apply FILE`.");
                    return 0;
                }

                var table = new Table().Border(TableBorder.Simple).AddColumns("model", "revision", "state", "last run ended (UTC)");
                foreach (var state in states)
                {
                    table.AddRow(
                        Markup.Escape(state.Model),
                        state.Revision.ToString(CultureInfo.InvariantCulture),
                        Markup.Escape(PolicyText.State(state)),
                        state.EndedAt is { } ended ? PolicyText.Time(ended) : "-"
                    );
                }

                Terminal.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    private static Command History()
    {
        var model = new Argument<string>("model") { Description = "Model name." };
        var command = new Command("history", "Show the revisions of a model's policy: what was applied, by whom and when.")
        {
            model,
        }.WithExample("mlops policy history churn");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var name = parsed.GetValue(model)!;
                await host.Policies.GetAsync(name, cancellationToken);
                var table = new Table().Border(TableBorder.Simple).AddColumns("revision", "applied (UTC)", "by", "digest", "file");
                foreach (var revision in await host.Policies.ListRevisionsAsync(name, cancellationToken))
                {
                    table.AddRow(
                        revision.Revision.ToString(CultureInfo.InvariantCulture),
                        PolicyText.Time(revision.AppliedAt),
                        Markup.Escape(revision.AppliedBy),
                        revision.Digest,
                        Markup.Escape(revision.File + (revision.CameWithRun ? " (from a run)" : ""))
                    );
                }

                Terminal.Out.Write(table);
                return 0;
            }
        );
        return command;
    }

    private static Argument<string> FileArgument() =>
        new("file") { Description = "Policy file, or a folder with a policy.yaml.", DefaultValueFactory = _ => "." };
}
