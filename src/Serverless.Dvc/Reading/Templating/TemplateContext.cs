using System.Globalization;
using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>The variables visible to a template.</summary>
internal sealed class TemplateContext
{
    private readonly ContextMap root;
    private readonly List<string> reserved;

    // Null: the whole file. Otherwise the keys taken from it so far.
    private readonly Dictionary<string, List<string>?> imports;

    public TemplateContext()
        : this(new ContextMap(Origin.None), [], new Dictionary<string, List<string>?>(StringComparer.Ordinal)) { }

    private TemplateContext(ContextMap root, List<string> reserved, Dictionary<string, List<string>?> imports)
    {
        this.root = root;
        this.reserved = reserved;
        this.imports = imports;
    }

    /// <summary>Collects the values taken from files, by file and path, while it is set.</summary>
    public TrackedVars? Tracked { get; set; }

    public IEnumerable<string> Names => root.Items.Keys;

    public bool Contains(string name) => root.Items.ContainsKey(name);

    public TemplateContext Clone() =>
        new(
            root.Clone(),
            [.. reserved],
            imports.ToDictionary(i => i.Key, i => i.Value is null ? null : new List<string>(i.Value), StringComparer.Ordinal)
        );

    /// <summary>Returns the same variables with `item` and `key`, which cannot be redefined.</summary>
    public TemplateContext With(IReadOnlyDictionary<string, ContextNode> loop)
    {
        var inner = new ContextMap(root.Origin);
        foreach (var (key, value) in root.Items)
        {
            inner.Items[key] = value;
        }

        foreach (var (key, value) in loop)
        {
            inner.Items[key] = value;
        }

        return new TemplateContext(inner, [.. reserved, .. loop.Keys], imports);
    }

    /// <summary>Returns the value of `a.b[0].c`.</summary>
    public ContextNode Select(string expression)
    {
        var parts = expression.Replace('[', '.').Replace("]", "", StringComparison.Ordinal).Split('.');
        ContextNode? node = root;
        foreach (var part in parts)
        {
            var key = part.Trim();
            node = node switch
            {
                ContextMap map => map.Items.GetValueOrDefault(key),
                ContextList list => int.TryParse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
                    ? list.Items.ElementAtOrDefault(index < 0 ? index + list.Items.Count : index)
                    : null,
                _ => null,
            };
            if (node is null)
            {
                throw new TemplateException(TemplateFault.KeyNotFound, $"Could not find '{expression}'", fix: Suggestion(parts));
            }
        }

        Tracked?.Add(node);
        return node;
    }

    public void Merge(DataMap values, Origin origin)
    {
        var update = ContextMap.From(values, origin);
        CheckReserved(update, null);
        root.Merge(update);
    }

    /// <summary>Loads `file` or `file:key1,key2` from the folder <paramref name="wdir"/>.</summary>
    public void Import(string item, string wdir, VariableFiles files)
    {
        var colon = item.IndexOf(':', StringComparison.Ordinal);
        var path = PipelinePath.Join(wdir, colon < 0 ? item : item[..colon]);
        var keys = colon < 0 ? [] : item[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries).ToList();
        var isLoaded = imports.TryGetValue(path, out var loaded);
        if (isLoaded)
        {
            if (keys.Count == 0 && loaded is null)
            {
                return;
            }

            CheckLoaded(item, keys, loaded);
        }

        var update = ContextMap.From(files.Load(path, keys), new Origin(path, "", false));
        CheckReserved(update, item);
        root.Merge(update);
        if (isLoaded)
        {
            loaded!.AddRange(keys);
        }
        else
        {
            imports[path] = keys.Count == 0 ? null : keys;
        }
    }

    private static void CheckLoaded(string item, List<string> keys, List<string>? loaded)
    {
        if (keys.Count > 0 && loaded is null)
        {
            throw new TemplateException(
                TemplateFault.AlreadyLoaded,
                $"cannot partially load '{item}' as it's already loaded.",
                fix: "Remove it. The whole file is already loaded."
            );
        }

        if (loaded is not null && (keys.Count == 0 || keys.Intersect(loaded, StringComparer.Ordinal).Any()))
        {
            throw new TemplateException(
                TemplateFault.AlreadyLoaded,
                $"cannot load '{item}' as it's partially loaded already",
                fix: "List the file once, with all keys."
            );
        }
    }

    private void CheckReserved(ContextMap update, string? item)
    {
        var taken = reserved.Where(update.Items.ContainsKey).Distinct(StringComparer.Ordinal).ToList();
        if (taken.Count > 0)
        {
            var names = taken.Count == 1 ? "key " + taken[0] : $"keys {string.Join(", ", taken[..^1])} and {taken[^1]}";
            throw new TemplateException(
                TemplateFault.ReservedKey,
                $"attempted to modify reserved {names}" + (item is null ? "" : $" in '{item}'"),
                fix: "Rename the variable. `item` and `key` are reserved for the loop."
            );
        }
    }

    private string Suggestion(string[] parts)
    {
        var map = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var key = parts[i].Trim();
            if (map.Items.GetValueOrDefault(key) is ContextMap below)
            {
                map = below;
                continue;
            }

            if (!map.Items.ContainsKey(key) && NearestName.Find(key, map.Items.Keys) is { } near)
            {
                return $"Did you mean '${{{string.Join('.', [.. parts[..i], near, .. parts[(i + 1)..]])}}}'?";
            }

            break;
        }

        return "Define it in params.yaml or under `vars`. For a shell variable, write \\${NAME} or $NAME.";
    }
}
