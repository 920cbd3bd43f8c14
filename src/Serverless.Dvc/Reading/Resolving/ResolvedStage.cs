using Serverless.Data.Values;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Reading.Resolving;

/// <summary>A stage with variables substituted.</summary>
/// <param name="Name">`train`, or `train@cnn` from a loop.</param>
/// <param name="Group">The name in the file.</param>
/// <param name="Line">The line of the name.</param>
/// <param name="Data">The keys, without `vars`, `foreach`, `matrix`.</param>
/// <param name="Failed">The keys that could not be resolved. They were already reported.</param>
/// <param name="Tracked">The variables that it used.</param>
internal sealed record ResolvedStage(string Name, string Group, int Line, DataMap Data, IReadOnlySet<string> Failed, TrackedVars Tracked);

/// <summary>A stage before variables are substituted: as in the file, or one iteration of its loop.</summary>
internal sealed record StageTemplate(
    string Name,
    string Group,
    int Line,
    DataMap Definition,
    IReadOnlyDictionary<string, ContextNode>? Loop
);
