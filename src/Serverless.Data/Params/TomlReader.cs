using System.Numerics;
using Serverless.Core;
using Serverless.Data.Values;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Parsing;

namespace Serverless.Data.Params;

/// <summary>Reads TOML 1.0. Values carry no line numbers; errors do.</summary>
internal static class TomlReader
{
    private const int DepthLimit = 100;

    public static DataNode Parse(string text, string file)
    {
        if (IsTooDeep(text))
        {
            var what = $"values are nested more than {DepthLimit} deep";
            throw ServerlessException.Invalid(
                $"unable to read: '{file}', TOML file structure is corrupted: {what}",
                [new Diagnostic(file, 0, $"TOML file structure is corrupted: {what}", "Nest them less.")]
            );
        }

        try
        {
            return Node(TomlSerializer.Deserialize<TomlTable>(text) ?? []);
        }
        catch (TomlException wrong)
        {
            var syntax = SyntaxParser.Parse(text, file, validate: true);
            var first = syntax.Diagnostics.FirstOrDefault();
            var line = first is null ? 0 : first.Span.Start.Line + 1;
            var what = first?.Message ?? wrong.Message;
            throw ServerlessException.Invalid(
                $"unable to read: '{file}', TOML file structure is corrupted: {what}, line {line}",
                [
                    new Diagnostic(
                        file,
                        line,
                        $"TOML file structure is corrupted: {what}",
                        "Put text into quotes, and define every key only once."
                    ),
                ]
            );
        }
    }

    /// <summary>
    /// The library goes into each list and table by recursion, which no handler of exceptions survives. Brackets in texts count
    /// as well: a file of that many is none that somebody writes.
    /// </summary>
    private static bool IsTooDeep(string text)
    {
        var (open, dots, isKey) = (0, 0, true);
        foreach (var c in text)
        {
            open += c is '[' or '{' ? 1 : c is ']' or '}' && open > 0 ? -1 : 0;
            isKey = c == '\n' || (isKey && c != '=');
            dots = c is '\n' or ',' || !isKey ? 0 : c == '.' ? dots + 1 : dots;
            if (open > DepthLimit || dots > DepthLimit)
            {
                return true;
            }
        }

        return false;
    }

    private static DataNode Node(object? value) =>
        value switch
        {
            null => DataScalar.Null(),
            TomlTable table => new DataMap([.. table.Select(e => new DataEntry(DataScalar.Text(e.Key), Node(e.Value)))]),
            TomlTableArray tables => new DataList([.. tables.Select(Node)]),
            TomlArray array => new DataList([.. array.Select(Node)]),
            bool b => DataScalar.Bool(b),
            string s => DataScalar.Text(s),
            double d => DataScalar.Float(d),
            float f => DataScalar.Float(f),
            long l => DataScalar.Int(l),
            int i => DataScalar.Int(i),
            ulong u => DataScalar.Int(new BigInteger(u)),
            TomlDateTime { Kind: TomlDateTimeKind.LocalDate } date => DataScalar.Date(DateOnly.FromDateTime(date.DateTime.DateTime)),
            TomlDateTime { Kind: TomlDateTimeKind.LocalTime } time => DataScalar.Time(TimeOnly.FromTimeSpan(time.DateTime.TimeOfDay)),
            TomlDateTime { Kind: TomlDateTimeKind.LocalDateTime } local => DataScalar.DateTime(local.DateTime.DateTime),
            TomlDateTime dateTime => DataScalar.DateTime(dateTime.DateTime),
            DateOnly date => DataScalar.Date(date),
            TimeOnly time => DataScalar.Time(time),
            DateTime dateTime => DataScalar.DateTime(dateTime),
            DateTimeOffset dateTime => DataScalar.DateTime(dateTime),
            _ => throw new InvalidOperationException($"Tomlyn gave a {value.GetType()}."),
        };
}
