using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Schema;

/// <summary>Checks a whole dvc.yaml before variables are substituted.</summary>
internal sealed class DocumentSchema(Findings findings)
{
    private readonly Shape shape = new(findings, allowsTemplates: false);
    private readonly StageSchema stageSchema = new(findings);
    private readonly Place top = new("data", "the file");

    /// <summary>Gets the names of valid stages.</summary>
    public IReadOnlySet<string> Check(DataMap document)
    {
        var good = new HashSet<string>(StringComparer.Ordinal);
        shape.Keys(top, document, StageKeys.Top, $"Top-level keys: {string.Join(", ", StageKeys.Top)}. Stages belong under `stages`.");
        if (document["vars"] is { } vars)
        {
            StageSchema.Vars(shape, top.Key("vars"), vars);
        }

        foreach (var key in new[] { "params", "metrics" })
        {
            if (document[key] is { } names)
            {
                shape.TextList(top.Key(key), key, names);
            }
        }

        if (document["plots"] is { } plots)
        {
            Plots(top.Key("plots"), plots);
        }

        if (document["artifacts"] is { } artifacts)
        {
            Artifacts(top.Key("artifacts"), artifacts);
        }

        if (document["stages"] is { } stages && shape.Map(top.Key("stages"), "stages", stages) is { } map)
        {
            foreach (var entry in map.Entries)
            {
                var before = findings.All.Count;
                Stage(entry);
                if (findings.All.Count == before)
                {
                    good.Add(PythonText.Str(entry.Key));
                }
            }
        }

        return good;
    }

    private void Stage(DataEntry entry)
    {
        var name = PythonText.Str(entry.Key);
        var place = new Place($"data['stages']['{name}']", $"stage '{name}'");
        CheckName(entry, name);
        if (shape.Map(place, name, entry.Value) is not { } stage)
        {
            return;
        }

        if (!stage.Contains("foreach") && !stage.Contains("do"))
        {
            if (stage["matrix"] is { } matrix)
            {
                Matrix(place.Key("matrix"), matrix);
            }

            stageSchema.Check(place, stage, StageKeys.WithMatrix);
            return;
        }

        shape.Keys(place, stage, StageKeys.Foreach, "Next to `foreach`, only `do` is allowed. Move all other keys into `do`.");
        if (stage["foreach"] is not { } data)
        {
            shape.Missing(place, "foreach", entry.Key.Line, "Add `foreach:` with a list or a map.");
        }
        else if (data is DataScalar and not { Kind: DataKind.Text })
        {
            shape.Wrong(place.Key("foreach"), "foreach", data, "a list or a map", "expected dict");
        }

        if (stage["do"] is not { } body)
        {
            shape.Missing(place, "do", entry.Key.Line, "Add `do:` with the stage to run for each item.");
        }
        else if (shape.Map(place.Key("do"), "do", body) is { } inner)
        {
            stageSchema.Check(place.Key("do"), inner, StageKeys.All);
        }
    }

    // DVC's `stage add` rejects all punctuation except '-' and '_'. A dot is common in files written by hand, and harmless.
    private void CheckName(DataEntry entry, string name)
    {
        var isText = entry.Key.Kind == DataKind.Text;
        var bad = name.FirstOrDefault(c =>
            char.IsControl(c) || (c < 0x80 && (char.IsPunctuation(c) || char.IsSymbol(c)) && c is not ('-' or '_' or '.'))
        );
        if (!isText || name.Trim().Length == 0 || bad != default)
        {
            findings.Add(
                Errors.StageName,
                !isText ? $"a stage's name must be text, but is {PythonText.Repr(entry.Key)} ({entry.Key.TypeName})"
                    : bad == default ? "a stage has no name"
                    : $"stage name '{name}' cannot contain '{bad}'",
                entry.Key.Line,
                isText ? "Use letters, digits, '-', '_' and '.'." : $"Quote it: '{name}'."
            );
        }
    }

    private void Matrix(Place place, DataNode matrix)
    {
        foreach (var entry in shape.Map(place, "matrix", matrix)?.Entries ?? [])
        {
            var key = PythonText.Str(entry.Key);
            if (entry.Value is not DataList && entry.Value.Kind != DataKind.Text)
            {
                shape.Wrong(place.Key(key), key, entry.Value, "a list", "expected str");
            }
        }
    }

    private void Plots(Place place, DataNode plots)
    {
        foreach (var (item, i) in shape.List(place, "plots", plots))
        {
            if (item is DataMap map)
            {
                foreach (var entry in map.Entries.Where(e => !e.Value.IsNull))
                {
                    var key = PythonText.Str(entry.Key);
                    if (shape.Map(place.Item(i).Key(key), key, entry.Value) is { } options)
                    {
                        shape.Keys(place.Item(i).Key(key) with { Owner = $"plot '{key}'" }, options, StageKeys.Plot);
                    }
                }
            }
            else
            {
                shape.Text(place.Item(i), "plots", item);
            }
        }
    }

    private void Artifacts(Place place, DataNode artifacts)
    {
        foreach (var entry in shape.Map(place, "artifacts", artifacts)?.Entries ?? [])
        {
            var name = PythonText.Str(entry.Key);
            var at = place.Key(name) with { Owner = $"artifact '{name}'" };
            if (shape.Map(at, name, entry.Value) is not { } artifact)
            {
                continue;
            }

            shape.Keys(at, artifact, StageKeys.Artifact);
            if (artifact["path"] is { } path)
            {
                shape.Text(at.Key("path"), "path", path);
            }
            else
            {
                shape.Missing(at, "path", entry.Key.Line, "Add `path:` with the file or folder of the artifact.");
            }
        }
    }
}
