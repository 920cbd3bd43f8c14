using System.Text.Json.Serialization;

namespace Serverless.Pipelines;

/// <summary>What a task runs.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(InProcess), "inProcess")]
[JsonDerivedType(typeof(Command), "command")]
[JsonDerivedType(typeof(Graph), "graph")]
[JsonDerivedType(typeof(Import), "import")]
public abstract record ComponentSpec
{
    /// <summary>A C# component of the <see cref="ComponentCatalog"/> (`uses: train/fast-tree`).</summary>
    public sealed record InProcess(string Uses) : ComponentSpec;

    /// <summary>Command lines, each run by a shell of its own, one after the other.</summary>
    public sealed record Command(IReadOnlyList<string> Lines) : ComponentSpec
    {
        /// <summary>From the pipeline's folder; empty for the folder itself.</summary>
        public string WorkingDirectory { get; init; } = "";

        /// <summary>Environment that the task declares. It counts in the cache key.</summary>
        public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    }

    /// <summary>A nested graph.</summary>
    public sealed record Graph(GraphSpec Body) : ComponentSpec;

    /// <summary>Runs nothing: the outputs are files of the workspace as they are (a frozen stage, Kubeflow's importer).</summary>
    public sealed record Import : ComponentSpec;
}
