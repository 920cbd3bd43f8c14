using Microsoft.Playwright;

namespace Serverless.ConsolePage.Tests;

/// <summary>A page, and all that went wrong in it: errors of scripts, of the content policy, of requests.</summary>
public sealed class ConsolePageView : IAsyncDisposable
{
    private readonly List<string> faults = [];

    public ConsolePageView(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => faults.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                faults.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    public ILocator Text(string text) => Page.GetByText(text, new PageGetByTextOptions { Exact = false }).First;

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public Task GoAsync(string route) => Page.EvaluateAsync("route => { location.hash = route }", route);

    /// <summary>No script of somebody else's has run in the page.</summary>
    public async Task AssertUntouchedAsync() => Assert.False(await Page.EvaluateAsync<bool>("() => '__hacked' in window"));

    public void AssertNoFaults() => Assert.Empty(faults);

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
