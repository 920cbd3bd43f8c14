using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Storage;
using Serverless.Storage.Content;

namespace Serverless.Pipelines.Orchestration;

/// <summary>
/// Combines the outputs of a loop: a list with one element for each item for each parameter, and one flat list of artifacts.
/// </summary>
internal static class LoopResult
{
    public static TaskResult Of(IReadOnlyList<TaskResult> items)
    {
        if (items.Count > 0 && items.All(r => r.State == TaskState.Skipped))
        {
            return items[0];
        }

        var worst = TaskResult.Worst(items);
        var artifacts = new Dictionary<string, ContentRef>();
        var infos = new Dictionary<string, ArtifactInfo>();
        foreach (var name in items.SelectMany(ArtifactValue.Names).Distinct(StringComparer.Ordinal))
        {
            // An item that is itself a loop returns a list: its artifacts join this one's.
            var all = items.SelectMany(r => ArtifactValue.Of(r, name) ?? []).ToList();
            for (var i = 0; i < all.Count; i++)
            {
                artifacts[ArtifactValue.Element(name, i)] = all[i].Content;
                if (all[i].Info is { } info)
                {
                    infos[ArtifactValue.Element(name, i)] = info;
                }
            }
        }

        return new TaskResult
        {
            State = worst?.State ?? TaskState.Succeeded,
            Error = worst?.Error,
            Reason = worst?.Reason,
            Values = items
                .SelectMany(r => r.Values.Keys)
                .Distinct(StringComparer.Ordinal)
                .ToDictionary(name => name, name => List(items, name)),
            Artifacts = artifacts,
            ArtifactInfos = infos,
        };
    }

    private static JsonElement List(IReadOnlyList<TaskResult> items, string name) =>
        JsonSerializer.SerializeToElement(
            items.Select(r => r.Values.TryGetValue(name, out var value) ? value : (JsonElement?)null),
            StorageJson.Options
        );
}
