using Serverless.Data.Values;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Reading.Resolving;

/// <summary>A stage with its variables put in.</summary>
/// <param name="Name">`train`, or `train@cnn` where a loop made it.</param>
/// <param name="Group">The name in the file.</param>
/// <param name="Line">Where the file names it.</param>
/// <param name="Data">Its keys, without `vars`, `foreach`, `matrix`.</param>
/// <param name="Failed">Keys that could not be resolved, and have been reported.</param>
/// <param name="Tracked">The variables that it used.</param>
internal sealed record ResolvedStage(string Name, string Group, int Line, DataMap Data, IReadOnlySet<string> Failed, TrackedVars Tracked);

/// <summary>A stage before its variables are put in: as it stands in the file, or one turn of its loop.</summary>
internal sealed record StageTemplate(
    string Name,
    string Group,
    int Line,
    DataMap Definition,
    IReadOnlyDictionary<string, ContextNode>? Loop
);
