using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Serverless.ConsolePage.Tests;

public sealed class ViewTests(ConsoleFixture console)
{
    private static readonly string[] Routes =
    [
        "/",
        "/experiments",
        "/models",
        "/data",
        "/policies",
        "/settings",
        "/settings?tab=workspaces",
        "/settings?tab=roles",
        "/settings?tab=hooks",
        "/settings?tab=alerts",
        "/settings?tab=trash",
    ];

    [Theory]
    [InlineData(1440, false)]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task Every_page_fits_its_window_and_has_no_serious_finding_of_axe(int width, bool isDark)
    {
        await using var view = await console.OpenAsync("/", width, isDark);
        var experiment = await console.SeedAsync($"views {width} {isDark}", 3);
        foreach (var route in Routes.Append($"/experiments/{experiment}"))
        {
            await view.GoAsync(route);
            await Expect(view.Page.Locator("h1")).Not.ToHaveTextAsync("…");
            await Expect(view.Page.Locator("[aria-busy]")).ToHaveCountAsync(0);
            var overflow = await view.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth");
            Assert.True(overflow <= 0, $"{route} is {overflow} pixels too wide at {width}.");
            var findings = (await view.Page.RunAxe()).Violations.Where(v => v.Impact is "serious" or "critical");
            Assert.Empty(findings.Select(f => $"{route}: {f.Id} {f.Help}: {f.Nodes[0].Html}"));
        }

        view.AssertNoFaults();
    }

    [Fact]
    public async Task Keys_lead_anywhere()
    {
        await using var view = await console.OpenAsync("/");
        await Expect(view.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Home" })).ToBeVisibleAsync();
        await view.Page.Keyboard.PressAsync("g");
        await view.Page.Keyboard.PressAsync("m");
        await Expect(view.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Models", Exact = true })).ToBeVisibleAsync();
        await view.Page.Keyboard.PressAsync("Control+k");
        await view.Page.Keyboard.TypeAsync("polic");
        await view.Page.Keyboard.PressAsync("Enter");
        await Expect(view.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Policies", Exact = true }))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_page_comes_compressed_with_a_strict_policy_and_is_not_sent_twice()
    {
        await using var view = await console.OpenAsync("/");
        using var request = new HttpRequestMessage(HttpMethod.Get, console.Address);
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");
        using var first = await console.Http.SendAsync(request);

        Assert.Equal("br", Assert.Single(first.Content.Headers.ContentEncoding));
        Assert.Equal("nosniff", Assert.Single(first.Headers.GetValues("X-Content-Type-Options")));
        var policy = Assert.Single(first.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);

        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(console.Address, "w/team/"));
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await console.Http.SendAsync(again);
        Assert.Equal(System.Net.HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Another_workspace_shows_its_own_experiments()
    {
        await using var view = await console.OpenAsync("/");
        await console.SeedAsync("only in default", 1);
        await view.Page.GotoAsync(new Uri(console.Address, "w/elsewhere").ToString() + "#/experiments");

        await Expect(view.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Default" })).ToBeVisibleAsync();
        await Expect(view.Text("only in default")).ToHaveCountAsync(0);
        Assert.Contains("/w/elsewhere/", view.Page.Url, StringComparison.Ordinal);
    }
}
