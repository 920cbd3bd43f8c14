using Microsoft.Playwright;
using Serverless.Testing;
using static Microsoft.Playwright.Assertions;

namespace Serverless.ConsolePage.Tests;

public sealed class PipelineTests(ConsoleFixture console)
{
    private const string Pipeline = """
        stages:
          prepare:
            cmd: 'for i in 1 2 3; do echo line $i; done; until [ -e $GATE ]; do sleep 0.05; done; echo gone on; echo 1 > data.txt'
            outs: [data.txt]
          deploy:
            cmd: 'cp data.txt deployed.txt'
            deps: [data.txt]
            outs: [deployed.txt]
            approval: {message: Ship it}
        """;

    [Fact]
    public async Task A_run_is_watched_live_and_approved_by_a_click()
    {
        await using var view = await console.OpenAsync("/experiments");
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.At("dvc.yaml"), Pipeline);
        var settings = new Dictionary<string, string?>(console.Settings) { ["GATE"] = folder.At("gate") };
        await using var run = MlopsProcess.Start(folder.Root, settings, "run", ".", "--json");

        // An idle page asks nothing: it learns of the run when it is opened.
        await run.SaysAsync("prepare");
        await view.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Home" }).ClickAsync();
        await view.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = Path.GetFileName(folder.Root) }).First.ClickAsync();
        await view.Page.GetByRole(AriaRole.Tab, new PageGetByRoleOptions { Name = "Log" }).ClickAsync();
        await Expect(view.Text("line 3")).ToBeVisibleAsync();
        await File.WriteAllTextAsync(folder.At("gate"), "");
        await Expect(view.Text("gone on")).ToBeVisibleAsync();

        await view.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Home" }).ClickAsync();
        await Expect(view.Text("Ship it")).ToBeVisibleAsync();
        await view.Button("Approve").ClickAsync();
        await view.Page.GetByLabel("Reason").FillAsync("looks good");
        await view
            .Page.GetByRole(AriaRole.Dialog)
            .GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Approve" })
            .ClickAsync();

        var ended = await run.WaitAsync();
        Assert.True(ended.ExitCode == 0, ended.ToString());
        await view.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = Path.GetFileName(folder.Root) }).First.ClickAsync();
        await view.Page.GetByRole(AriaRole.Tab, new PageGetByRoleOptions { Name = "Graph" }).ClickAsync();
        await view.Page.GetByLabel("deploy: Succeeded").ClickAsync();
        await Expect(view.Page.GetByLabel("Task deploy")).ToContainTextAsync("Succeeded");
        view.AssertNoFaults();
    }
}
