using System.Diagnostics;
using System.Text.Json;

namespace Serverless.Api.Tests;

/// <summary>The npm package `mlflow`, unchanged and in a Node process of its own.</summary>
public sealed class NpmClientTests(ApiFixture api)
{
    [Fact]
    public async Task The_npm_client_works_from_an_experiment_to_a_restored_run()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "npm");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "mlflow")))
        {
            await RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", folder, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        }

        var client = api.Client();
        var output = await RunAsync("node", folder, "drive.cjs", client.Root.ToString().TrimEnd('/'));
        using var json = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        var said = json.RootElement;
        Assert.Equal(
            ["from-npm-renamed"],
            said.GetProperty("names").EnumerateArray().Select(n => n.GetString()).Where(n => n != "Default")
        );
        Assert.Equal("from-npm-renamed", said.GetProperty("name").GetString());
        Assert.Equal([1, 0.5, 1.0 / 3], said.GetProperty("history").EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal("FINISHED", said.GetProperty("status").GetString());
        Assert.Equal("""{"lr":"0.1","depth":"3"}""", said.GetProperty("params").GetRawText(), ignoreAllWhiteSpace: true);
        Assert.Equal(
            ["color", "kind", "mlflow.runName"],
            said.GetProperty("tags").EnumerateArray().Select(t => t.GetString()).Where(t => t is not "mlflow.user")
        );
        Assert.True(said.GetProperty("found")[0].GetBoolean());
        Assert.Equal(0, said.GetProperty("active").GetInt32());
        Assert.StartsWith("mlflow-artifacts:/", said.GetProperty("root").GetString(), StringComparison.Ordinal);
        Assert.Contains("RESOURCE_DOES_NOT_EXIST", said.GetProperty("refused").GetString(), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await errors}");
        return await output;
    }
}
