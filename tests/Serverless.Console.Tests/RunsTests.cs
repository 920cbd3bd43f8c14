using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Serverless.ConsolePage.Tests;

public sealed class RunsTests(ConsoleFixture console)
{
    [Fact]
    public async Task A_thousand_runs_are_a_table_that_sorts_filters_and_opens_by_keyboard()
    {
        await using var view = await console.OpenAsync("/");
        var experiment = await console.SeedAsync("a thousand", 1000);
        await view.GoAsync($"/experiments/{experiment}");
        await Expect(view.Text("1,000 runs")).ToBeVisibleAsync();
        await Expect(view.Page.Locator(".grid-body .grid-row").First).ToContainTextAsync("run-0999");
        Assert.True(await view.Page.Locator(".grid-body .grid-row").CountAsync() < 100, "Only the rows in sight are drawn.");

        await view.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "lr", Exact = true }).ClickAsync();
        await Expect(view.Page.Locator(".grid-body .grid-row").First).ToContainTextAsync("run-0000");
        Assert.Contains("sort=params.lr", view.Page.Url, StringComparison.Ordinal);

        var filter = view.Page.GetByRole(AriaRole.Combobox, new PageGetByRoleOptions { Name = "Filter runs" });
        await filter.FillAsync("params.kind = 'odd' AND metrics.\"val/loss\" < 10");
        await filter.PressAsync("Escape");
        await filter.PressAsync("Enter");
        await Expect(view.Page.GetByText("9 runs", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();

        var grid = view.Page.GetByRole(AriaRole.Treegrid);
        await grid.FocusAsync();
        await grid.PressAsync("ArrowDown");
        await grid.PressAsync("Enter");
        await Expect(view.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "run-0001" })).ToBeVisibleAsync();
        view.AssertNoFaults();
    }

    [Fact]
    public async Task A_filter_that_cannot_be_read_shows_what_the_server_says_of_it()
    {
        await using var view = await console.OpenAsync("/");
        var experiment = await console.SeedAsync("bad filter", 1);
        await view.GoAsync($"/experiments/{experiment}?filter={Uri.EscapeDataString("metrics.x >")}");

        await Expect(view.Page.Locator(".filter-error, .empty p").First).ToContainTextAsync("Invalid");
    }

    [Fact]
    public async Task Charts_of_chosen_runs_stay_in_the_address()
    {
        await using var view = await console.OpenAsync("/");
        var experiment = await console.SeedAsync("charts", 3, 50);
        await view.GoAsync($"/experiments/{experiment}?view=charts&smooth=0.5&logy=1");

        await Expect(view.Page.GetByRole(AriaRole.Img, new PageGetByRoleOptions { Name = "Chart of val/loss" })).ToBeVisibleAsync();
        await Expect(view.Button("Log y")).ToHaveAttributeAsync("aria-pressed", "true");
        view.AssertNoFaults();
    }

    [Fact]
    public async Task Links_of_other_products_lead_to_the_run()
    {
        await using var view = await console.OpenAsync("/");
        var experiment = await console.SeedAsync("links", 1);
        var found = await console.PostAsync("runs/search", new JsonObject { ["experiment_ids"] = new JsonArray(experiment) });
        var run = (string)found["runs"]![0]!["info"]!["run_id"]!;
        foreach (var link in (string[])[$"#/experiments/{experiment}/runs/{run}", $"#/runs/details/{run}", $"entity/project/runs/{run}"])
        {
            await view.Page.GotoAsync("about:blank");
            await view.Page.GotoAsync(console.Address + link);
            await Expect(view.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "run-0000" })).ToBeVisibleAsync();
        }

        view.AssertNoFaults();
    }
}
