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

    /// <summary>Command lines, each run by a shell of its own, one after the other.</summary>
    public sealed record Command(IReadOnlyList<string> Lines) : ComponentSpec
    {
        /// <summary>From the pipeline's folder; empty for the folder itself.</summary>
        public string WorkingDirectory { get; init; } = "";

        /// <summary>Environment that the task declares. It counts in the cache key.</summary>
        public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    }

    /// <summary>A container's command, as Kubeflow has it: every argument is text with placeholders, or one of its structures
    /// (`{"Concat": […]}`, `{"IfPresent": {…}}`), which are filled in when the task starts.</summary>
    public sealed record Container(string Image) : ComponentSpec
    {
        public IReadOnlyList<JsonElement> Entrypoint { get; init; } = [];

        public IReadOnlyList<JsonElement> Arguments { get; init; } = [];

        /// <summary>
        /// Parameters that the command gives out, each in a file of its own or in the executor output, and what they must be.
        /// </summary>
        public IReadOnlyDictionary<string, ParameterSpec> Gives { get; init; } = new Dictionary<string, ParameterSpec>();

        /// <summary>Environment that the task declares. It counts in the cache key.</summary>
        public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    }

    /// <summary>A nested graph.</summary>
    public sealed record Graph(GraphSpec Body) : ComponentSpec;

    /// <summary>Runs nothing: the outputs are files of the workspace as they are (a frozen stage, Kubeflow's importer).</summary>
    public sealed record Import : ComponentSpec
    {
        /// <summary>The parameter that says where the artifact lies; null for files of the workspace. The task's only output is then a
        /// reference to it.</summary>
        public string? UriParameter { get; init; }

        /// <summary>True: it is looked at anew in each run.</summary>
        public bool Reimport { get; init; }
    }
}
