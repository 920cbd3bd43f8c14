using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Pipelines.Model;

/// <summary>What a task runs.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(InProcess), "inProcess")]
[JsonDerivedType(typeof(Command), "command")]
[JsonDerivedType(typeof(Container), "container")]
[JsonDerivedType(typeof(Graph), "graph")]
[JsonDerivedType(typeof(Import), "import")]
public abstract record ComponentSpec
{
    /// <summary>A C# component of the <see cref="ComponentCatalog"/> (`uses: train/fast-tree`).</summary>
    public sealed record InProcess(string Uses) : ComponentSpec;

    /// <summary>Command lines, each run in sequence by a separate shell.</summary>
    public sealed record Command(IReadOnlyList<string> Lines) : ComponentSpec
    {
        /// <summary>Gets the working folder relative to the pipeline's folder; empty for that folder itself.</summary>
        public string WorkingDirectory { get; init; } = "";

        /// <summary>Gets the declared environment of the task, which counts in the cache key.</summary>
        public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    }

    /// <summary>A container's command, as in Kubeflow: every argument is text with placeholders, or a structure (`{"Concat": […]}`,
    /// `{"IfPresent": {…}}`). Both are filled in when the task starts.</summary>
    public sealed record Container(string Image) : ComponentSpec
    {
        public IReadOnlyList<JsonElement> Entrypoint { get; init; } = [];

        public IReadOnlyList<JsonElement> Arguments { get; init; } = [];

        /// <summary>
        /// Gets the output parameters of the command, each in a separate file or in the executor output, and their specifications.
        /// </summary>
        public IReadOnlyDictionary<string, ParameterSpec> Gives { get; init; } = new Dictionary<string, ParameterSpec>();

        /// <summary>Gets the declared environment of the task, which counts in the cache key.</summary>
        public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    }

    /// <summary>A nested graph.</summary>
    public sealed record Graph(GraphSpec Body) : ComponentSpec;

    /// <summary>Runs nothing: the outputs are existing files of the workspace (a frozen stage, Kubeflow's importer).</summary>
    public sealed record Import : ComponentSpec
    {
        /// <summary>Gets the parameter with the artifact's location; null for files of the workspace. The task's only output is then a
        /// reference to it.</summary>
        public string? UriParameter { get; init; }

        /// <summary>Gets whether it is read again in each run.</summary>
        public bool Reimport { get; init; }
    }
}
