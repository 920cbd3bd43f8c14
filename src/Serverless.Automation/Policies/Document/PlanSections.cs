using System.Text.Json;
using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Training.Promotion;

namespace Serverless.Automation.Policies.Document;

/// <summary>Reads the sections of a policy that are plans, in the same way as component parameters.</summary>
internal static class PlanSections
{
    public static T? Read<T>(PolicySection root, string key, Func<T, IReadOnlyList<string>> check)
        where T : class => root.Raw(key) is { } node ? ReadOne(root, key, node, check) : null;

    public static IReadOnlyList<T> ReadList<T>(PolicySection root, string key, Func<T, IReadOnlyList<string>> check)
        where T : class
    {
        switch (root.Raw(key))
        {
            case null:
                return [];
            case DataList list:
                return [.. list.Items.Select(item => ReadOne(root, key, item, check)).OfType<T>()];
            default:
                root.Wrong(key, $"'{key}' must be a list.");
                return [];
        }
    }

    private static T? ReadOne<T>(PolicySection root, string key, DataNode node, Func<T, IReadOnlyList<string>> check)
        where T : class
    {
        T read;
        try
        {
            read = PlanJson.Read<T>(PythonJson.ToElement(node), key);
        }
        catch (ServerlessException e)
        {
            var (line, fix) = Unknown(typeof(T), node) is { } unknown ? unknown : (node.Line, e.Fix);
            root.Wrong(line, e.Message, fix);
            return null;
        }

        foreach (var wrong in check(read))
        {
            root.Wrong(node.Line, $"'{key}': {wrong}.");
        }

        return read;
    }

    /// <summary>The first unknown key of the type, with the key that was probably meant.</summary>
    private static (int Line, string? Fix)? Unknown(Type type, DataNode node)
    {
        if (node is DataList list)
        {
            return list.Items.Select(i => Unknown(ItemOf(type), i)).FirstOrDefault(u => u is not null);
        }

        if (node is not DataMap map || type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true)
        {
            return null;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        var known = type.GetProperties()
            .Where(p => p.SetMethod is not null)
            .ToDictionary(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name), p => p.PropertyType);
        foreach (var entry in map.Entries)
        {
            var name = PythonText.Str(entry.Key);
            if (!known.TryGetValue(name, out var inner))
            {
                return (entry.Key.Line, PolicySection.Nearest(name, known.Keys) ?? $"Valid keys: {string.Join(", ", known.Keys)}.");
            }

            if (Unknown(inner, entry.Value) is { } below)
            {
                return below;
            }
        }

        return null;
    }

    private static Type ItemOf(Type type) => type.IsGenericType ? type.GetGenericArguments()[^1] : type;
}
