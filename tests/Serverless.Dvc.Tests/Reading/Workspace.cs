using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Tests.Reading;

/// <summary>A folder with files, gone when the test ends.</summary>
internal sealed class Workspace : IDisposable
{
    public Workspace() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "dvcyaml-" + Path.GetRandomFileName());

    public ComponentCatalog Catalog { get; } = new();

    public static Workspace With(string yaml, params (string Path, string Text)[] files)
    {
        var workspace = new Workspace();
        workspace.Write("dvc.yaml", yaml);
        foreach (var (path, text) in files)
        {
            workspace.Write(path, text);
        }

        return workspace;
    }

    public Workspace Write(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return this;
    }

    public Workspace Using<TComponent>()
    {
        Catalog.Add(typeof(TComponent));
        return this;
    }

    public DvcReading Reading() => DvcReading.Of(Root, Catalog);

    public PipelineDocument Read() => DvcYaml.Read(Root, Catalog);

    public PipelineSpec Spec() => Read().Spec;

    public TaskSpec Task(string name) => Spec().Graph.Tasks.Single(t => t.Name == name);

    /// <summary>What is wrong, as people see it.</summary>
    public IReadOnlyList<Diagnostic> Errors() => Assert.Throws<ServerlessException>(Read).Diagnostics;

    /// <summary>The one thing that is wrong.</summary>
    public Diagnostic Error() => Assert.Single(Errors());

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
