using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Pipelines.Components;

namespace Serverless.Training.Tests.Support;

/// <summary>
/// A folder in which components run as a pipeline would run them: by name, with JSON parameters and paths from the folder.
/// </summary>
public sealed class Bench : IDisposable
{
    public static readonly ComponentCatalog Catalog = new ComponentCatalog().AddTraining();

    private readonly StringWriter log = new();

    public Bench()
    {
        Folder = Directory.CreateTempSubdirectory("bench").FullName;
        Registry = new FakeRegistry(Path.Combine(Folder, ".registry"));
    }

    public string Folder { get; }

    public FakeRegistry Registry { get; }

    public string LogText => log.ToString();

    public string PathOf(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), text);
        return name;
    }

    public string Read(string name) => File.ReadAllText(PathOf(name));

    public JsonNode Json(string name) => JsonNode.Parse(Read(name))!;

    public Task<ComponentOutputs> RunAsync(
        string component,
        object with,
        string run = "run-1",
        CancellationToken cancellationToken = default
    ) => Find(component).RunAsync(Bind(component, with), new Paths(Folder), Context(component, run), cancellationToken);

    public Task<bool> StillHoldsAsync(string component, object with, ComponentOutputs recorded) =>
        Find(component).StillHoldsAsync(Bind(component, with), new Paths(Folder), recorded, Context(component, "run-2"), default);

    public static ComponentDescriptor Find(string component) =>
        Catalog.Find(component) ?? throw new InvalidOperationException($"no {component}");

    /// <summary>DVC's digest of a file or folder.</summary>
    public static string Digest(string path)
    {
        if (File.Exists(path))
        {
            return Md5(File.ReadAllBytes(path));
        }

        var files = Directory
            .EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(f => (Name: Path.GetRelativePath(path, f).Replace('\\', '/'), Md5: Md5(File.ReadAllBytes(f))))
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => $$"""{"md5": "{{f.Md5}}", "relpath": "{{f.Name}}"}""");
        return Md5(Encoding.UTF8.GetBytes("[" + string.Join(", ", files) + "]")) + ".dir";
    }

    public void Dispose()
    {
        log.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    private static Dictionary<string, JsonElement> Bind(string component, object with)
    {
        var values = JsonSerializer.SerializeToElement(with).EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        var parameters = Find(component).Parameters.ToDictionary(p => p.Name);
        var unknown = values.Keys.Where(k => !parameters.ContainsKey(k)).ToArray();
        return unknown.Length == 0 ? values : throw new InvalidOperationException($"{component} has no {string.Join(", ", unknown)}");
    }

    private ComponentContext Context(string component, string run)
    {
        var scratch = Directory.CreateDirectory(PathOf($".scratch/{Ids.NewId()}")).FullName;
        return new ComponentContext
        {
            Workspace = "default",
            RunId = run,
            ExperimentId = "0",
            Pipeline = "bench",
            TaskPath = component,
            ScratchDirectory = scratch,
            Log = TextWriter.Synchronized(log),
            Time = TimeProvider.System,
            Services = Registry,
        };
    }

    private sealed class Paths(string folder) : ArtifactPaths
    {
        public override InputPath Input(string name)
        {
            var path = Path.Combine(folder, name);
            return new InputPath(path, name, File.Exists(path) || Directory.Exists(path) ? Digest(path) : "");
        }

        public override OutputPath Output(string name)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new OutputPath(path, name);
        }
    }
}
