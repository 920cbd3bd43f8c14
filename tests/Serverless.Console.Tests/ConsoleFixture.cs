using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Serverless.ConsolePage.Tests;
using Serverless.Testing;

[assembly: AssemblyFixture(typeof(ConsoleFixture))]

namespace Serverless.ConsolePage.Tests;

/// <summary>A host as a person starts it, on a store of its own, and one browser for all tests. Each test opens a page of its
/// own.</summary>
public sealed class ConsoleFixture : IAsyncLifetime
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private readonly AzuriteFixture azurite = new();
    private readonly TestFolder folder = new();
    private MlopsProcess? host;
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Where the host answers.</summary>
    public Uri Address { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>For processes that work on the same store.</summary>
    public IReadOnlyDictionary<string, string?> Settings =>
        new Dictionary<string, string?> { ["AzureWebJobsStorage"] = azurite.ConnectionString };

    /// <summary>Null where there is none: the tests are skipped then.</summary>
    private static string? BrowserPath =>
        Environment.GetEnvironmentVariable("MLOPS_TEST_BROWSER") is { Length: > 0 } own ? own : Browsers.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (BrowserPath is not { } path)
        {
            return;
        }

        await azurite.InitializeAsync();
        host = MlopsProcess.Start(folder.Root, Settings, "up", "--port", "0");
        await host.SaysAsync("is listening on");
        Address = new Uri(host.Output.Split(' ').Single(w => w.StartsWith("http://127.0.0.1:", StringComparison.Ordinal)) + "/");
        Http = new HttpClient { BaseAddress = Address };
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = path,
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }

        playwright?.Dispose();
        Http?.Dispose();
        if (host is not null)
        {
            await host.DisposeAsync();
            await azurite.DisposeAsync();
        }

        folder.Dispose();
    }

    /// <summary>A page of a fresh browser profile. What the page complains about fails the test at its end.</summary>
    public async Task<ConsolePageView> OpenAsync(string route, int width = 1440, bool isDark = false)
    {
        Assert.SkipWhen(browser is null, "No Chromium was found. Install one: sudo apt-get install --yes chromium");
        var context = await browser!.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = new ViewportSize { Width = width, Height = 900 },
                ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            }
        );
        context.SetDefaultTimeout(20_000);
        var view = new ConsolePageView(await context.NewPageAsync());
        await view.Page.GotoAsync($"{Address}#{route}");
        return view;
    }

    public async Task<JsonObject> PostAsync(string path, JsonObject body)
    {
        using var response = await Http.PostAsJsonAsync(new Uri(Address, "api/2.0/mlflow/" + path), body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>An experiment with runs that have metrics, params and a course each.</summary>
    public async Task<string> SeedAsync(string name, int runs, int points = 2)
    {
        var experiment = (string)(await PostAsync("experiments/create", new JsonObject { ["name"] = name }))["experiment_id"]!;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, runs),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) =>
            {
                var run = (string)
                    (
                        await PostAsync(
                            "runs/create",
                            new JsonObject
                            {
                                ["experiment_id"] = experiment,
                                ["run_name"] = $"run-{i:D4}",
                                ["start_time"] = 1_700_000_000_000 + (i * 1000L),
                            }
                        )
                    )["run"]!["info"]!["run_id"]!;
                var metrics = new JsonArray();
                for (var step = 0; step < points; step++)
                {
                    metrics.Add(
                        new JsonObject
                        {
                            ["key"] = "val/loss",
                            ["value"] = (1.0 + i) / (step + 1),
                            ["step"] = step,
                            ["timestamp"] = 1_700_000_000_000 + step,
                        }
                    );
                }

                await PostAsync(
                    "runs/log-batch",
                    new JsonObject
                    {
                        ["run_id"] = run,
                        ["metrics"] = metrics,
                        ["params"] = new JsonArray(
                            new JsonObject { ["key"] = "lr", ["value"] = $"{0.001 * (i + 1)}" },
                            new JsonObject { ["key"] = "kind", ["value"] = i % 2 == 0 ? "even" : "odd" }
                        ),
                    }
                );
                await PostAsync(
                    "runs/update",
                    new JsonObject
                    {
                        ["run_id"] = run,
                        ["status"] = "FINISHED",
                        ["end_time"] = 1_700_000_900_000,
                    }
                );
            }
        );
        return experiment;
    }
}
