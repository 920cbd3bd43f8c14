using System.Globalization;
using Serverless.Pipelines.Model;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Orchestration;

/// <summary>An artifact and its properties.</summary>
internal sealed record ArtifactValue(ContentRef Content, ArtifactInfo? Info)
{
    /// <summary>Returns a task's artifact by name, or its list of artifacts with that name; null if it wrote none.</summary>
    public static IReadOnlyList<ArtifactValue>? Of(TaskResult end, string name)
    {
        if (end.Artifacts.TryGetValue(name, out var single))
        {
            return [new ArtifactValue(single, end.ArtifactInfos.GetValueOrDefault(name))];
        }

        var list = new List<ArtifactValue>();
        while (end.Artifacts.TryGetValue(Element(name, list.Count), out var content))
        {
            list.Add(new ArtifactValue(content, end.ArtifactInfos.GetValueOrDefault(Element(name, list.Count))));
        }

        return list.Count == 0 ? null : list;
    }

    /// <summary>Formats a list of artifacts as `name[0]`, `name[1]`, …</summary>
    public static string Element(string name, int position) => string.Create(CultureInfo.InvariantCulture, $"{name}[{position}]");

    /// <summary>Returns the names of a result's artifacts, with lists once.</summary>
    public static IEnumerable<string> Names(TaskResult end) =>
        end.Artifacts.Keys.Select(Base).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string Base(string name)
    {
        var open = name.EndsWith(']') ? name.LastIndexOf('[') : -1;
        return
            open > 0 && int.TryParse(name.AsSpan(open + 1, name.Length - open - 2), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? name[..open]
            : name;
    }
}
