using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

[assembly: AssemblyFixture(typeof(Serverless.Infra.Tests.BicepFixture))]

namespace Serverless.Infra.Tests;

/// <summary>The templates as the compiler sees them, compiled once.</summary>
public sealed class BicepFixture : IAsyncLifetime
{
    public static string Root { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    public static string Infra { get; } = Path.Combine(Root, "infra");

    /// <summary>The compiler comes for one platform; elsewhere there is nothing to run.</summary>
    public static bool HasCompiler => OperatingSystem.IsLinux() && RuntimeArchitectureIsX64 && File.Exists(Compiler);

    public JsonElement Template { get; private set; }

    /// <summary>Every resource of the template and of its modules, with the name of its module.</summary>
    public IReadOnlyList<(string Module, JsonElement Resource)> Resources { get; private set; } = [];

    private static bool RuntimeArchitectureIsX64 =>
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64;

    private static string Compiler => Metadata("BicepCompiler");

    public async ValueTask InitializeAsync()
    {
        if (!HasCompiler)
        {
            return;
        }

        var (code, output, errors) = await RunAsync("build", Path.Combine(Infra, "main.bicep"), "--stdout");
        Assert.True(code == 0, errors);
        Template = JsonDocument.Parse(output).RootElement.Clone();
        Resources = [.. Of("main", Template)];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        // NuGet unpacks a file without its right to be run.
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(Compiler) is var mode && (mode & UnixFileMode.UserExecute) == 0)
        {
            File.SetUnixFileMode(Compiler, mode | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo(Compiler, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static IEnumerable<(string, JsonElement)> Of(string module, JsonElement template)
    {
        var resources = template.GetProperty("resources");
        // The language version with symbolic names writes an object, the plain one an array.
        var each =
            resources.ValueKind == JsonValueKind.Object
                ? resources.EnumerateObject().Select(p => (p.Name, p.Value))
                : resources.EnumerateArray().Select(r => ("", r));
        foreach (var (name, resource) in each)
        {
            if (resource.GetProperty("type").GetString() == "Microsoft.Resources/deployments")
            {
                foreach (var inner in Of(name, resource.GetProperty("properties").GetProperty("template")))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return (module, resource);
            }
        }
    }

    private static string Metadata(string key) =>
        typeof(BicepFixture).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
