using Serverless.Data.Values;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Reading.Resolving;

/// <summary>
/// Resolves variables and loops of a dvc.yaml with the same result as DVC, but reports every error and not only the first.
/// </summary>
internal sealed class DvcResolver
{
    private readonly DataMap document;
    private readonly Findings findings;
    private readonly CommandStyle style;
    private readonly ResolverVars vars;
    private readonly TemplateContext context = new();

    public DvcResolver(DataMap document, VariableFiles files, CommandStyle style, Findings findings)
    {
        this.document = document;
        this.style = style;
        this.findings = findings;
        vars = new ResolverVars(files, findings);
        vars.LoadGlobal(document, context);
    }

    /// <summary>Gets what DVC only warns about.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Gets the top-level sections besides stages (`metrics`, `params`, `plots`, `artifacts`, `datasets`) with variables
    /// substituted; for a map, maps of one key each.</summary>
    public Dictionary<string, IReadOnlyList<DataNode>> TopLevel { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets a value that indicates whether a loop could not be read, so that the set of stages is unknown.</summary>
    public bool HasUnknownStages { get; private set; }

    public IReadOnlyList<ResolvedStage> Resolve()
    {
        var all = document["stages"] as DataMap ?? DataMap.Empty;
        HasUnknownStages = all.Entries.Any(e => e.Value is not DataMap);
        var stages = all
            .Entries.Where(e => e is { Key.Kind: DataKind.Text, Value: DataMap })
            .Select(e => (Name: e.Key.AsText!, e.Key.Line, Definition: (DataMap)e.Value))
            .ToList();

        // As in DVC, all loops come first because they determine the stages.
        var templates = stages.SelectMany(s => Expand(s.Name, s.Line, s.Definition)).ToList();
        var checkedGroups = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var resolved = new List<ResolvedStage>();
        foreach (var template in templates)
        {
            if (!CanBeFound(template))
            {
                continue;
            }

            if (!checkedGroups.TryGetValue(template.Group, out var broken))
            {
                checkedGroups[template.Group] = broken = SyntaxCheck.Of(template.Definition, template.Group, findings);
            }

            resolved.Add(ResolveStage(template, broken));
        }

        ResolveTopLevel();
        return resolved;
    }

    private static bool IsLoop(DataMap definition) => definition.Contains("foreach") || definition.Contains("matrix");

    private static bool IsLoopable(DataNode data) => data is DataMap or DataList || data.Kind == DataKind.Text;

    private IEnumerable<StageTemplate> Expand(string name, int line, DataMap definition)
    {
        if (!IsLoop(definition))
        {
            return [new StageTemplate(name, name, line, definition, null)];
        }

        var isMatrix = definition.Contains("matrix");
        var key = isMatrix ? "matrix" : "foreach";
        var body = isMatrix
            ? new DataMap([.. definition.Entries.Where(e => e.Key.AsText != "matrix")], definition.Line)
            : definition["do"] as DataMap;
        var data = definition[key]!;
        if (body is null || (isMatrix ? data is not DataMap map || map.Entries.Any(e => !IsLoopable(e.Value)) : !IsLoopable(data)))
        {
            // Already reported by the schema.
            HasUnknownStages = true;
            return [];
        }

        foreach (var taken in new[] { "item", "key" }.Where(context.Contains))
        {
            Warnings.Add($"{taken} is already specified, will be overwritten for stages generated from '{name}'");
        }

        var where = $"stages.{name}.{key}";
        try
        {
            var items = new LoopItems(context);
            var turns = isMatrix ? items.Matrix((DataMap)data, where, findings.File) : items.Foreach(data, where, findings.File);
            return turns.Select(t => new StageTemplate($"{name}@{t.Key}", name, line, body, t.Loop)).ToList();
        }
        catch (LoopException wrong)
        {
            findings.Add(Errors.Resolve, wrong.Message, data.Line, "Use a list or a map.");
        }
        catch (TemplateException wrong) when (wrong.Fault == TemplateFault.KeyNotFound && vars.IsBroken)
        {
            // Its variable would have come from a broken source, which was already reported.
        }
        catch (TemplateException wrong)
        {
            wrong.Report(findings, $"'{where}'", data.Line);
        }

        HasUnknownStages = true;
        return [];
    }

    // DVC finds `group@key` by the last '@'. A plain stage with '@' in its name was already rejected.
    private bool CanBeFound(StageTemplate template)
    {
        var at = template.Name.LastIndexOf('@');
        var isFound = template.Loop is null ? at < 0 : template.Name[..at] == template.Group;
        if (!isFound && template.Loop is not null)
        {
            findings.Add(
                Errors.EntryNotFound,
                $"Could not find '{template.Name}'",
                template.Line,
                "Items that name stages must not contain '@'. Use a map, whose keys become the names."
            );
        }

        return isFound;
    }

    private ResolvedStage ResolveStage(StageTemplate stage, HashSet<string> broken)
    {
        var failed = new HashSet<string>(broken, StringComparer.Ordinal);
        var visible = stage.Loop is null ? context : context.With(stage.Loop);
        var wasBroken = vars.IsBroken;
        visible = WithStageVars(stage, visible, failed);
        var tracked = new TrackedVars();
        visible.Tracked = tracked;
        var template = new Template(visible, style, isChecked: stage.Loop is not null);
        var entries = new List<DataEntry>();
        foreach (var entry in stage.Definition.Entries.Where(e => e.Key.AsText != "vars"))
        {
            var key = PythonText.Str(entry.Key);
            if (broken.Contains(key))
            {
                continue;
            }

            var value = template.Resolve(
                entry.Value,
                key,
                (wrong, line) =>
                {
                    failed.Add(key);
                    vars.Report(wrong, $"'stages.{stage.Name}.{key}'", line);
                }
            );
            entries.Add(new DataEntry(entry.Key, value));
        }

        visible.Tracked = null;
        vars.IsBroken = wasBroken;
        return new ResolvedStage(stage.Name, stage.Group, stage.Line, new DataMap(entries, stage.Definition.Line), failed, tracked);
    }

    private TemplateContext WithStageVars(StageTemplate stage, TemplateContext visible, HashSet<string> failed)
    {
        var definition = stage.Definition;
        var wdir = ".";
        if (definition["wdir"]?.AsText is { Length: > 0 } folder && !failed.Contains("wdir"))
        {
            try
            {
                var template = new Template(visible, style, isChecked: stage.Loop is not null);
                wdir = style.Text(template.ResolveText(folder, definition["wdir"]!.Line, "wdir"));
            }
            catch (TemplateException wrong)
            {
                failed.Add("wdir");
                vars.Report(wrong, $"'stages.{stage.Name}.wdir'", definition["wdir"]!.Line);
                return visible;
            }
        }

        if (definition["vars"] is not DataList { Items.Count: > 0 } list)
        {
            return visible;
        }

        var own = visible.Clone();
        vars.Load(
            own,
            list,
            $"stages.{stage.Name}.vars",
            wdir,
            $"{stage.Name}.vars",
            wrong => wrong.Fault == TemplateFault.AlreadyLoaded ? $"'stages.{stage.Name}.vars'" : $"stage '{stage.Name}'"
        );
        return own;
    }

    private void ResolveTopLevel()
    {
        var template = new Template(context, style, isChecked: false);
        foreach (var section in new[] { "artifacts", "datasets", "metrics", "params", "plots" })
        {
            var items = document[section] switch
            {
                DataMap map => map.Entries.Select(e => (PythonText.Str(e.Key), (DataNode)new DataMap([e], e.Key.Line))),
                DataList list => list.Items.Select((item, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), item)),
                _ => [],
            };
            TopLevel[section] =
            [
                .. items.Select(i => template.Resolve(i.Item2, null, (wrong, line) => vars.Report(wrong, $"'{section}.{i.Item1}'", line))),
            ];
        }
    }
}
