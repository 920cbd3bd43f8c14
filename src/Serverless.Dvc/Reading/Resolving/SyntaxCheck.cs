using Serverless.Data.Values;
using Serverless.Dvc.Reading.Templating;

namespace Serverless.Dvc.Reading.Resolving;

/// <summary>Checks the syntax of all expressions in a stage, as DVC does before it resolves any.</summary>
internal static class SyntaxCheck
{
    /// <summary>Reports what cannot be parsed, and returns the keys with such expressions.</summary>
    public static HashSet<string> Of(DataMap definition, string name, Findings findings)
    {
        var broken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in definition.Entries)
        {
            Walk(
                entry.Value,
                wrong =>
                {
                    broken.Add(entry.Key.AsText ?? "");
                    wrong.Error.Report(findings, $"'stages.{name}.{PythonText.Str(entry.Key)}'", wrong.Line);
                }
            );
        }

        return broken;
    }

    private static void Walk(DataNode node, Action<(TemplateException Error, int Line)> failed)
    {
        switch (node)
        {
            case DataMap map:
                foreach (var entry in map.Entries)
                {
                    Walk(entry.Key, failed);
                    Walk(entry.Value, failed);
                }

                break;
            case DataList list:
                foreach (var item in list.Items)
                {
                    Walk(item, failed);
                }

                break;
            default:
                try
                {
                    foreach (var match in Expression.In(node.AsText ?? ""))
                    {
                        Expression.Parse(Expression.Inner(match));
                    }
                }
                catch (TemplateException wrong)
                {
                    failed((wrong, node.Line));
                }

                break;
        }
    }
}
