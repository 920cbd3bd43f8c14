using Serverless.Data.Values;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Reading.Resolving;

/// <summary>Loads the variables of a dvc.yaml and of its stages.</summary>
internal sealed class ResolverVars(VariableFiles files, Findings findings)
{
    /// <summary>
    /// Gets a value that indicates whether a source is broken. What it would have defined is not also reported as missing.
    /// </summary>
    public bool IsBroken { get; set; }

    /// <summary>Loads params.yaml and the top-level `vars` of a dvc.yaml.</summary>
    public void LoadGlobal(DataMap document, TemplateContext context)
    {
        if (files.Exists("params.yaml"))
        {
            Try("'vars'", 0, () => context.Import("params.yaml", ".", files));
        }

        if (document["vars"] is DataList vars)
        {
            Load(context, vars, "vars", ".", "vars", _ => "'vars'");
        }
    }

    /// <summary>Loads a list of variables files and values.</summary>
    public void Load(TemplateContext into, DataList vars, string where, string wdir, string source, Func<TemplateException, string> what)
    {
        if (Expression.IsIn(vars))
        {
            findings.Add(
                Errors.Resolve,
                $"failed to parse '{where}' in '{findings.File}': interpolating is not allowed",
                vars.Items.First(Expression.IsIn).Line,
                "Use a literal value. `vars` are read before any ${} is resolved."
            );
            IsBroken = true;
            return;
        }

        for (var i = 0; i < vars.Items.Count; i++)
        {
            var item = vars.Items[i];
            var position = i;
            Try(
                what,
                item.Line,
                () =>
                {
                    if (item.AsText is { } file)
                    {
                        into.Import(file, wdir, files);
                    }
                    else if (item is DataMap values)
                    {
                        into.Merge(values, new Origin($"{source}[{position}]", "", true));
                    }
                }
            );
        }
    }

    private void Try(string what, int line, Action load) => Try(_ => what, line, load);

    private void Try(Func<TemplateException, string> what, int line, Action load)
    {
        try
        {
            load();
        }
        catch (TemplateException wrong)
        {
            wrong.Report(findings, what(wrong), line);
            IsBroken = true;
        }
    }

    /// <summary>Reports an error, unless it is a missing variable that a broken source would have defined.</summary>
    public void Report(TemplateException wrong, string what, int line)
    {
        if (wrong.Fault != TemplateFault.KeyNotFound || !IsBroken)
        {
            wrong.Report(findings, what, line);
        }
    }
}
