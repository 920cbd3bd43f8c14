using System.Text;

namespace Serverless.Dvc.Compare;

/// <summary>A table as plain text or Markdown, with the column widths of DVC's tables: a header has two characters of padding.</summary>
internal sealed class TextTable(IReadOnlyList<string> headers)
{
    private const int HeaderPadding = 2;
    private readonly List<IReadOnlyList<string>> rows = [];

    public void Add(IReadOnlyList<string> row) => rows.Add(row);

    public string Plain() => string.Concat(Lines().Select(l => string.Join("  ", l).TrimEnd() + "\n"));

    public string Markdown()
    {
        var widths = Widths();
        var text = new StringBuilder();
        var lines = Lines().Select(l => $"| {string.Join(" | ", l)} |\n").ToList();
        text.Append(lines[0]).Append('|').AppendJoin('|', widths.Select(w => new string('-', w + 2))).Append("|\n");
        return text.AppendJoin("", lines.Skip(1)).Append('\n').ToString();
    }

    private IEnumerable<IEnumerable<string>> Lines()
    {
        var widths = Widths();
        return rows.Prepend(headers).Select(row => row.Select((cell, i) => cell.PadRight(widths[i])));
    }

    private List<int> Widths() => [.. headers.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length + HeaderPadding).Max())];
}
