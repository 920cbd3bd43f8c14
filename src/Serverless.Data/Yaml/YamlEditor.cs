using System.Text;
using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Data.Yaml;

/// <summary>
/// Changes a YAML text to new values and touches nothing else: comments, key order, quotes and line endings of unchanged values are kept.
/// New keys are appended. A list whose length changes is rewritten, as in DVC.
/// </summary>
public static class YamlEditor
{
    /// <param name="file">The name of the text in messages.</param>
    public static string Apply(string text, string file, DataNode wanted)
    {
        var now = YamlReader.Parse(text, file);
        if (DataValues.Same(now, wanted))
        {
            return text;
        }

        if (now.IsNull)
        {
            return (text.Length == 0 || text.EndsWith('\n') ? text : text + "\n") + YamlWriter.Write(wanted);
        }

        var edit = new Edit(text);
        edit.Node(now, wanted, YamlSpan.Of(text));
        var edited = edit.Done();

        // The editor must not corrupt what it does not understand (a rare form of YAML): the whole text is then rewritten.
        return Reads(edited, wanted) ? edited : YamlWriter.Write(wanted);
    }

    private static bool Reads(string text, DataNode wanted)
    {
        try
        {
            return DataValues.Same(YamlReader.Parse(text, ""), wanted);
        }
        catch (ServerlessException)
        {
            return false;
        }
    }

    private sealed class Edit(string text)
    {
        private readonly string newLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        private readonly List<(int Start, int End, string Text)> changes = [];

        public void Node(DataNode now, DataNode wanted, YamlSpan span)
        {
            switch (now, wanted)
            {
                case (DataMap from, DataMap to) when span.IsBlock && from.Entries.Count == span.Parts.Count && to.Entries.Count > 0:
                    Map(from, to, span);
                    break;
                case (DataList from, DataList to)
                    when span.IsBlock && from.Items.Count == to.Items.Count && from.Items.Count == span.Parts.Count:
                    for (var i = 0; i < span.Parts.Count; i++)
                    {
                        Part(
                            from.Items[i],
                            to.Items[i],
                            span.Parts[i],
                            () => YamlWriter.AfterDash(to.Items[i], span.Column, newLine),
                            Dash(span.Parts[i])
                        );
                    }

                    break;
                default:
                    // Only the root gets here: every other replacement happens where its key or dash is known.
                    changes.Add((span.Start, span.End, YamlWriter.Write(wanted).TrimEnd('\n').ReplaceLineEndings(newLine)));
                    break;
            }
        }

        public string Done()
        {
            var to = new StringBuilder(text);
            foreach (var (start, end, with) in changes.OrderByDescending(c => c.Start))
            {
                to.Remove(start, end - start).Insert(start, with);
            }

            return to.ToString();
        }

        private void Map(DataMap now, DataMap wanted, YamlSpan span)
        {
            var kept = Enumerable.Range(0, span.Parts.Count).Where(i => wanted.Get(now.Entries[i].Key) is not null).ToList();
            if (kept.Count == 0)
            {
                changes.Add(
                    (
                        span.Start,
                        span.End,
                        string.Join(
                            newLine + new string(' ', span.Column),
                            wanted.Entries.Select(e => YamlWriter.Entry(e, span.Column, newLine))
                        )
                    )
                );
                return;
            }

            for (var i = 0; i < span.Parts.Count; i++)
            {
                if (wanted.Get(now.Entries[i].Key) is { } value)
                {
                    var colon = text.IndexOf(':', span.Keys[i].End);
                    Part(
                        now.Entries[i].Value,
                        value,
                        span.Parts[i],
                        () => YamlWriter.AfterKey(value, span.Column, ColumnOf(colon) + 1, newLine),
                        colon + 1
                    );
                }
                else if (i == 0)
                {
                    // The first key may follow a dash: the next one moves into its place.
                    changes.Add((span.Keys[0].Start, span.Keys[kept[0]].Start, ""));
                    i = kept[0] - 1;
                }
                else
                {
                    changes.Add((LineEnd(span.Parts[i - 1].End, span.Keys[i - 1].End), LineEnd(span.Parts[i].End, span.Keys[i].End), ""));
                }
            }

            var added = wanted.Entries.Where(e => now.Get(e.Key) is null).ToList();
            if (added.Count > 0)
            {
                var last = LineEnd(span.Parts[^1].End, span.Keys[^1].End);
                changes.Add(
                    (
                        last,
                        last,
                        string.Concat(added.Select(e => newLine + new string(' ', span.Column) + YamlWriter.Entry(e, span.Column, newLine)))
                    )
                );
            }
        }

        private void Part(DataNode now, DataNode wanted, YamlSpan span, Func<string> written, int from)
        {
            if (DataValues.Same(now, wanted))
            {
                return;
            }

            var parts =
                span.IsBlock
                && (now, wanted) switch
                {
                    (DataMap, DataMap { Entries.Count: > 0 }) => true,
                    (DataList a, DataList b) => a.Items.Count == b.Items.Count && a.Items.Count > 0,
                    _ => false,
                };
            if (parts)
            {
                Node(now, wanted, span);
            }
            else
            {
                changes.Add((from, Math.Max(from, span.End), written()));
            }
        }

        private int ColumnOf(int index) => index - (text.LastIndexOf('\n', Math.Max(0, index - 1)) + 1);

        private int Dash(YamlSpan item) => text.LastIndexOf('-', Math.Max(0, item.Start - 1)) + 1;

        private int LineEnd(int end, int keyEnd)
        {
            var at = text.IndexOf('\n', Math.Max(end, keyEnd));
            return at < 0 ? text.Length
                : at > 0 && text[at - 1] == '\r' ? at - 1
                : at;
        }
    }
}
