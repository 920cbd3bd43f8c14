using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Data.Values;

/// <summary>Writes JSON byte for byte like Python's `json.dumps` (`", "`, `": "`, ASCII), because DVC hashes those bytes.</summary>
public static class PythonJson
{
    /// <summary>Implements Python's `json.dumps(value, sort_keys=…)`. Dates, which it rejects, become ISO text.</summary>
    public static string Dump(DataNode node, bool sortKeys = false)
    {
        var result = new StringBuilder();
        Write(result, node, sortKeys, strict: false);
        return result.ToString();
    }

    /// <summary>Returns the value for the parts of the product that use JSON. A number keeps Python's text (`1000.0`, `1e-05`); NaN and
    /// the infinities, which JSON cannot represent, become text.</summary>
    public static JsonElement ToElement(DataNode node)
    {
        var result = new StringBuilder();
        Write(result, node, sortKeys: false, strict: true);
        using var document = JsonDocument.Parse(result.ToString(), new JsonDocumentOptions { MaxDepth = 512 });
        return document.RootElement.Clone();
    }

    public static void WriteText(StringBuilder to, string text)
    {
        to.Append('"');
        JsonAscii.Append(to, text);
        to.Append('"');
    }

    private static void Write(StringBuilder to, DataNode node, bool sortKeys, bool strict)
    {
        switch (node)
        {
            case DataScalar scalar:
                WriteScalar(to, scalar, strict);
                break;
            case DataMap map:
                to.Append('{');
                var entries = map.Entries.Select(e => (Key: KeyText(e.Key), e.Value));
                var first = true;
                foreach (var (key, value) in sortKeys ? entries.OrderBy(e => e.Key, CodePointOrder.Instance) : entries)
                {
                    to.Append(first ? "" : ", ");
                    first = false;
                    WriteText(to, key);
                    to.Append(": ");
                    Write(to, value, sortKeys, strict);
                }

                to.Append('}');
                break;
            case DataList list:
                to.Append('[');
                for (var i = 0; i < list.Items.Count; i++)
                {
                    to.Append(i > 0 ? ", " : "");
                    Write(to, list.Items[i], sortKeys, strict);
                }

                to.Append(']');
                break;
        }
    }

    private static void WriteScalar(StringBuilder to, DataScalar scalar, bool strict)
    {
        switch (scalar.Value)
        {
            case null:
                to.Append("null");
                break;
            case bool b:
                to.Append(b ? "true" : "false");
                break;
            case BigInteger i:
                to.Append(i.ToString(CultureInfo.InvariantCulture));
                break;
            case double d when double.IsFinite(d):
                to.Append(PythonText.Float(d));
                break;
            case double d:
                var name =
                    double.IsNaN(d) ? "NaN"
                    : d > 0 ? "Infinity"
                    : "-Infinity";
                to.Append(strict ? $"\"{name}\"" : name);
                break;
            case string s:
                WriteText(to, s);
                break;
            case byte[] bytes:
                WriteText(to, Convert.ToBase64String(bytes));
                break;
            default:
                WriteText(to, Iso(scalar.Value));
                break;
        }
    }

    private static string KeyText(DataScalar key) =>
        key.Value switch
        {
            null => "null",
            bool b => b ? "true" : "false",
            string s => s,
            DateOnly or DateTime or DateTimeOffset or TimeOnly => Iso(key.Value),
            _ => PythonText.Str(key),
        };

    private static string Iso(object value) =>
        value switch
        {
            DateOnly d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTime t => t.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
            DateTimeOffset t => t.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture),
            TimeOnly t => t.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
            _ => throw new ArgumentException($"No value: {value.GetType()}."),
        };
}
