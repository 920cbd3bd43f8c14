using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Serverless.ConsolePage.Tests;

public sealed class HostileTests(ConsoleFixture console)
{
    private const string Name = "<img src=x onerror=\"window.__hacked=1\">";
    private const string Page =
        "<!doctype html><h1>Report</h1><p id='told'></p><script>told.textContent = 'SCRIPT RAN'; parent.__hacked = 1</script>"
        + "<img src=x onerror='parent.__hacked = 1'>";

    [Fact]
    public async Task No_script_of_a_run_name_a_page_or_a_text_runs_in_the_console()
    {
        await using var view = await console.OpenAsync("/experiments");
        var experiment = (string)(await console.PostAsync("experiments/create", new JsonObject { ["name"] = "hostile" }))["experiment_id"]!;
        var body = new JsonObject { ["experiment_id"] = experiment, ["run_name"] = Name };
        var run = (string)(await console.PostAsync("runs/create", body))["run"]!["info"]!["run_id"]!;
        await console.PostAsync(
            "runs/log-metric",
            new JsonObject
            {
                ["run_id"] = run,
                ["key"] = "m",
                ["value"] = 1,
                ["timestamp"] = 1,
            }
        );
        await PutAsync(experiment, run, "report.html", Page);
        await PutAsync(
            experiment,
            run,
            "readme.md",
            "# Notes\n<script>window.__hacked = 1</script>\n<img src=x onerror=window.__hacked=1>"
        );

        await view.GoAsync($"/experiments/{experiment}?view=charts");
        await Expect(view.Text(Name)).ToBeVisibleAsync();
        await view.GoAsync($"/runs/{run}");
        await Expect(view.Text(Name)).ToBeVisibleAsync();
        await view.GoAsync($"/runs/{run}?tab=artifacts&path=readme.md");
        await Expect(view.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Notes" })).ToBeVisibleAsync();
        await view.GoAsync($"/runs/{run}?tab=artifacts&path=report.html");
        var frame = view.Page.FrameLocator("iframe");
        await Expect(frame.GetByRole(AriaRole.Heading, new FrameLocatorGetByRoleOptions { Name = "Report" })).ToBeVisibleAsync();
        await view.AssertUntouchedAsync();

        // Even if somebody asks for its scripts, the page reaches nothing of this site.
        await view.Button("Run scripts").ClickAsync();
        await Expect(frame.Locator("body")).ToContainTextAsync("SCRIPT RAN");
        await view.AssertUntouchedAsync();
    }

    [Fact]
    public async Task A_page_that_a_run_wrote_comes_with_a_sandbox_and_no_network()
    {
        await using var view = await console.OpenAsync("/experiments");
        var experiment = (string)(await console.PostAsync("experiments/create", new JsonObject { ["name"] = "sandbox" }))["experiment_id"]!;
        var run = (string)
            (await console.PostAsync("runs/create", new JsonObject { ["experiment_id"] = experiment }))["run"]!["info"]!["run_id"]!;
        await PutAsync(experiment, run, "report.html", Page);

        using var response = await console.Http.GetAsync(new Uri($"api/2.0/serverless/runs/{run}/view?path=report.html", UriKind.Relative));

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("sandbox; ", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
    }

    private async Task PutAsync(string experiment, string run, string path, string text)
    {
        using var content = new StringContent(text);
        var target = $"api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/{path}";
        using var response = await console.Http.PutAsync(new Uri(target, UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
    }
}
