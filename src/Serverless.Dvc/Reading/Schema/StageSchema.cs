using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Dvc.Reading.Schema;

/// <summary>Checks the keys of one stage: as written in the file, and again after variables are substituted.</summary>
internal sealed class StageSchema(Findings findings)
{
    private readonly Shape shape = new(findings, allowsTemplates: false);
    private readonly Shape own = new(findings, allowsTemplates: true);

    public static void Vars(Shape shape, Place place, DataNode vars)
    {
        foreach (var (item, i) in shape.List(place, "vars", vars))
        {
            if (item is not DataMap && item.Kind != DataKind.Text)
            {
                shape.Wrong(place.Item(i), "vars", item, "a file's name or a map", "expected str");
            }
        }
    }

    public void Check(Place place, DataMap stage, IReadOnlyCollection<string> known)
    {
        shape.Keys(place, stage, known);
        CheckWork(place, stage, known);
        CheckValues(place, stage);
    }

    /// <summary>Checks the values only. The keys were already checked.</summary>
    public void CheckValues(Place place, DataMap stage)
    {
        foreach (var entry in stage.Entries)
        {
            var key = PythonText.Str(entry.Key);
            Check(place.Key(key), key, entry.Value);
        }
    }

    private void CheckWork(Place place, DataMap stage, IReadOnlyCollection<string> known)
    {
        if (stage.Contains("cmd") && stage.Contains("uses"))
        {
            findings.Add(
                Errors.Validation,
                $"{place.Owner} has both 'cmd' and 'uses'",
                stage.LineOf("uses"),
                "Keep one of them: `cmd` runs a command, `uses` a component."
            );
        }
        else if (!stage.Contains("cmd") && !stage.Contains("uses"))
        {
            // A misspelt key that was meant to be one of them was already reported.
            if (!stage.TextKeys.Except(known).Any(k => NearestName.Find(k, known) is "cmd" or "uses"))
            {
                shape.Missing(place, "cmd", stage.Line, "Add `cmd:` with a command, or `uses:` with a component.");
            }
        }

        if (stage.Contains("with") && !stage.Contains("uses"))
        {
            findings.Add(
                Errors.Validation,
                $"{place.Owner} has 'with', but no 'uses'",
                stage.LineOf("with"),
                "`with` sets the parameters of a component. For a command, use `cmd`, `params` or `env`."
            );
        }

        if (stage.Contains("env") && stage.Contains("uses"))
        {
            findings.Add(
                Errors.Validation,
                $"{place.Owner} has 'env' and 'uses'",
                stage.LineOf("env"),
                "`env` applies to `cmd`. Set the parameters of a component in `with`."
            );
        }
    }

    private void Check(Place place, string key, DataNode value)
    {
        switch (key)
        {
            case "cmd":
                Command(place, value);
                break;
            case "desc" or "wdir":
                shape.Text(place, key, value);
                break;
            case "uses":
                own.Text(place, key, value);
                break;
            case "deps":
                shape.TextList(place, key, value);
                break;
            case "params":
                Params(place, value);
                break;
            case "vars":
                Vars(shape, place, value);
                break;
            case "frozen" or "always_changed":
                shape.Bool(place, key, value);
                break;
            case "finally":
                own.Bool(place, key, value);
                break;
            case "outs" or "metrics":
                Outs(place, key, value, StageKeys.Out);
                break;
            case "plots":
                Outs(place, key, value, StageKeys.PlotOut);
                break;
            case "with" when value.IsNull:
                break;
            case "with" or "resources" or "env":
                own.Map(place, key, value);
                break;
        }
    }

    private void Command(Place place, DataNode value)
    {
        if (value is DataList list)
        {
            for (var i = 0; i < list.Items.Count; i++)
            {
                shape.Text(place.Item(i), "cmd", list.Items[i]);
            }

            if (list.Items.Count == 0)
            {
                shape.Wrong(place, "cmd", value, "a command or a list of commands", "expected str");
            }
        }
        else if (value.Kind != DataKind.Text || value.AsText!.Trim().Length == 0)
        {
            shape.Wrong(place, "cmd", value, "a command or a list of commands", "expected str");
        }
    }

    private void Params(Place place, DataNode value)
    {
        foreach (var (item, i) in shape.List(place, "params", value))
        {
            if (item is not DataMap map)
            {
                if (item.Kind != DataKind.Text)
                {
                    shape.Wrong(place.Item(i), "params", item, "a parameter's name or a map `file: [names]`", "expected str");
                }

                continue;
            }

            foreach (var entry in map.Entries.Where(e => !e.Value.IsNull))
            {
                var file = PythonText.Str(entry.Key);
                shape.TextList(place.Item(i).Key(file), file, entry.Value);
            }
        }
    }

    private void Outs(Place place, string key, DataNode value, string[] known)
    {
        foreach (var (item, i) in shape.List(place, key, value))
        {
            if (item is not DataMap map)
            {
                if (item.Kind != DataKind.Text)
                {
                    shape.Wrong(place.Item(i), key, item, "a path or a map `path: {options}`", "expected str");
                }

                continue;
            }

            foreach (var entry in map.Entries)
            {
                var path = PythonText.Str(entry.Key);
                var at = place.Item(i).Key(path) with { Owner = $"output '{path}' of {place.Owner}" };
                var isPlots = known == StageKeys.PlotOut && entry.Value is DataList;
                foreach (var options in isPlots ? ((DataList)entry.Value).Items : [entry.Value])
                {
                    if (shape.Map(at, path, options) is { } given)
                    {
                        Options(at, given, known);
                    }
                }
            }
        }
    }

    private void Options(Place place, DataMap options, string[] known)
    {
        shape.Keys(place, options, known);
        foreach (var entry in options.Entries.Where(e => known.Contains(e.Key.AsText)))
        {
            var key = entry.Key.AsText!;
            switch (key)
            {
                case "cache" or "persist" or "checkpoint" or "push" or "header":
                    shape.Bool(place.Key(key), key, entry.Value);
                    break;
                case "labels":
                    shape.TextList(place.Key(key), key, entry.Value);
                    break;
                case "meta":
                    break;
                default:
                    shape.Text(place.Key(key), key, entry.Value);
                    break;
            }
        }
    }
}
