using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Serverless.Local.Display;
using Serverless.Serving.Rollouts;
using Serverless.Tracking.Models;
using Serverless.Training.Promotion;
using Spectre.Console;

namespace Serverless.Local.Commands.Models;

/// <summary>`mlops rollout`: shows and controls how a challenger takes over the traffic.</summary>
internal static class RolloutCommand
{
    public static Command Create()
    {
        var command = new Command("rollout", "Show and control the rollout of a model's challenger.").WithExample(
            "mlops rollout show churn"
        );
        command.Add(Show());
        command.Add(Start());
        command.Add(
            Act(
                "pause",
                "Pause a rollout at its current step. The challenger is still monitored.",
                (steering, model, by, why, stop) => steering.PauseAsync(model, by, why, stop)
            )
        );
        command.Add(
            Act("resume", "Resume a paused rollout.", (steering, model, by, why, stop) => steering.ResumeAsync(model, by, why, stop))
        );
        command.Add(
            Act(
                "abort",
                "Abort a rollout. The champion takes all traffic again.",
                (steering, model, by, why, stop) => steering.AbortAsync(model, by, why, stop)
            )
        );
        command.Add(
            Act(
                "promote",
                "Promote the challenger to Production now.",
                (steering, model, by, why, stop) => steering.PromoteAsync(model, by, why, stop)
            )
        );
        command.Add(
            Act(
                "rollback",
                "Roll back the challenger. After its promotion, the previous version takes the traffic again.",
                (steering, model, by, why, stop) => steering.RollBackAsync(model, by, why, stop)
            )
        );
        command.Add(Approve());
        return command;
    }

    private static Command Show()
    {
        var model = Model();
        var json = new Option<bool>("--json") { Description = "Write JSON, in the format of the API." };
        var command = new Command("show", "Show the state of the current or the last rollout.") { model, json }.WithExample(
            "mlops rollout show churn"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                Write(await host.Own.Rollouts.ShowAsync(parsed.GetValue(model)!, cancellationToken), parsed.GetValue(json));
                return 0;
            }
        );
        return command;
    }

    private static Command Start()
    {
        var model = Model();
        var version = new Argument<int>("version") { Description = "Version of the challenger." };
        var steps = new Option<string?>("--steps") { Description = "Traffic shares of the steps. [default: 5%,25%,100%]" };
        var bake = new Option<string?>("--bake") { Description = "Minimum duration of a step. [default: 10m]" };
        var minimum = new Option<int?>("--minimum-requests")
        {
            Description = "Minimum number of challenger responses per step. [default: 100]",
        };
        var (by, why) = (By(), Why());
        var command = new Command("start", "Start the rollout of a version.") { model, version, steps, bake, minimum, by, why }.WithExample(
            "mlops rollout start churn 2 --steps 10%,50%,100% --bake 1h"
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var plan = new Dictionary<string, object>();
                if (parsed.GetValue(steps) is { } shares)
                {
                    plan["steps"] = shares.Split(',', StringSplitOptions.TrimEntries);
                }

                if (parsed.GetValue(bake) is { } time)
                {
                    plan["bake"] = time;
                }

                if (parsed.GetValue(minimum) is { } requests)
                {
                    plan["minimum_requests"] = requests;
                }

                await host.Own.Rollouts.StartAsync(
                    new RolloutRequest
                    {
                        Model = parsed.GetValue(model)!,
                        Version = parsed.GetValue(version),
                        Plan = PlanJson.Read<RolloutPlan>(JsonSerializer.SerializeToElement(plan), "rollout"),
                        By = ActorOf(parsed.GetValue(by)),
                        Why = parsed.GetValue(why),
                    },
                    cancellationToken
                );
                Write(await host.Own.Rollouts.ShowAsync(parsed.GetValue(model)!, cancellationToken), false);
                return 0;
            }
        );
        return command;
    }

    private static Command Approve()
    {
        var model = Model();
        var (by, why) = (By(), Why());
        var role = new Option<string?>("--role") { Description = "Role to approve in." };
        var refuse = new Option<bool>("--refuse") { Description = "Reject the rollout, which ends it." };
        var command = new Command("approve", "Approve or reject a rollout that is waiting for approval.")
        {
            model,
            by,
            role,
            refuse,
            why,
        }.WithExample("mlops rollout approve churn --as alice --role owner");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                await host.Own.Rollouts.Steering.ApproveAsync(
                    parsed.GetValue(model)!,
                    ActorOf(parsed.GetValue(by)),
                    parsed.GetValue(role),
                    !parsed.GetValue(refuse),
                    parsed.GetValue(why),
                    cancellationToken
                );
                Write(await host.Own.Rollouts.ShowAsync(parsed.GetValue(model)!, cancellationToken), false);
                return 0;
            }
        );
        return command;
    }

    private static Command Act(
        string verb,
        string description,
        Func<RolloutSteering, string, Actor, string?, CancellationToken, Task<Rollout>> act
    )
    {
        var model = Model();
        var (by, why) = (By(), Why());
        var command = new Command(verb, description) { model, by, why }.WithExample(
            $"mlops rollout {verb} churn --why \"the numbers look odd\""
        );
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                await act(
                    host.Own.Rollouts.Steering,
                    parsed.GetValue(model)!,
                    ActorOf(parsed.GetValue(by)),
                    parsed.GetValue(why),
                    cancellationToken
                );
                Write(await host.Own.Rollouts.ShowAsync(parsed.GetValue(model)!, cancellationToken), false);
                return 0;
            }
        );
        return command;
    }

    private static void Write(RolloutView view, bool json)
    {
        if (json)
        {
            Terminal.Out.WriteLine(JsonSerializer.Serialize(view, RolloutView.Json));
            return;
        }

        var champion = view.Champion is { } version ? string.Create(CultureInfo.InvariantCulture, $"version {version}") : "no version";
        Terminal.Out.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{view.Model} version {view.Challenger} against {champion}: {view.State}, step {view.Step} of {view.Steps.Count}, "
                    + $"{100 * view.Traffic:0.###} % of the traffic"
            )
        );
        if (view.Reason is not null)
        {
            Terminal.Out.WriteLine($"  {view.Reason}");
        }

        var table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("step", "traffic", "bake", "began (UTC)", "champion", "errors", "challenger", "errors");
        foreach (var (i, step) in view.Steps.Index())
        {
            table.AddRow(
                (i + 1).ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"{100 * step.Traffic:0.###} %"),
                TimeSpan.FromSeconds(step.BakeSeconds).ToString("g", CultureInfo.InvariantCulture),
                step.StartedAt is { } at ? $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss}" : "-",
                Count(step.ChampionRequests),
                Count(step.ChampionErrors),
                Count(step.ChallengerRequests),
                Count(step.ChallengerErrors)
            );
        }

        Terminal.Out.Write(table);
        foreach (var test in view.Tests)
        {
            Terminal.Out.WriteLine($"  {(test.IsRejected ? "worse" : "no finding")}: {test.Name}: {test.Text}");
        }
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static Argument<string> Model() => new("model") { Description = "Registered model." };

    private static Option<string?> By() => new("--as") { Description = "Name to record in the history. [default: this machine's user]" };

    private static Option<string?> Why() => new("--why") { Description = "Reason to record." };

    private static Actor ActorOf(string? name) => new(string.IsNullOrWhiteSpace(name) ? Environment.UserName : name);
}
