using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Serverless.Testing;

namespace Serverless.ConsolePage.Tests;

/// <summary>
/// Takes the pictures of the docs, with real data: `MLOPS_SCREENSHOTS=docs/images dotnet test --project tests/Serverless.Console.Tests`.
/// </summary>
public sealed class ScreenshotTests(ConsoleFixture console)
{
    [Fact]
    public async Task The_pictures_of_the_docs_are_taken_from_a_run_of_the_sample()
    {
        var folder = Environment.GetEnvironmentVariable("MLOPS_SCREENSHOTS") ?? "";
        Assert.SkipWhen(folder.Length == 0, "Set MLOPS_SCREENSHOTS to the folder for the pictures.");
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Serverless.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        await using var view = await console.OpenAsync("/");
        await using var sample = MlopsProcess.Start(root, console.Settings, "run", Path.Combine(root, "samples", "churn"), "--json");
        var ended = await sample.WaitAsync();
        Assert.True(ended.ExitCode == 0, ended.ToString());
        var sweep = await console.SeedAsync("sweep", 40, 120);
        var experiment = (
            await console.PostAsync("runs/search", new JsonObject { ["experiment_ids"] = new JsonArray("1"), ["max_results"] = 1 })
        )["runs"]![0]!;
        var tags = experiment["data"]!["tags"]!.AsArray();
        var run =
            (string?)tags.FirstOrDefault(t => (string?)t!["key"] == "mlflow.parentRunId")?["value"]
            ?? (string)experiment["info"]!["run_id"]!;

        foreach (
            var (name, route) in ((string, string)[])
                [
                    ("home", "/"),
                    ("run", $"/runs/{run}"),
                    ("graph", $"/runs/{run}?tab=graph&task=compare"),
                    ("runs", $"/experiments/{sweep}"),
                    ("charts", $"/experiments/{sweep}?view=charts"),
                    ("model", "/models/churn/versions/1"),
                ]
        )
        {
            await view.Page.GotoAsync("about:blank");
            await view.Page.GotoAsync($"{console.Address}#{route}");
            await view.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await Assertions.Expect(view.Page.Locator("[aria-busy]")).ToHaveCountAsync(0);
            await view.Page.ScreenshotAsync(
                new PageScreenshotOptions { Path = Path.Combine(Path.GetFullPath(folder, root), $"console-{name}.png") }
            );
        }

        view.AssertNoFaults();
    }
}
