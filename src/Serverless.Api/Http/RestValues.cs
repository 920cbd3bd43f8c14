using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Data.Values;

namespace Serverless.Api.Http;

/// <summary>Formats values as in MLflow's messages, and parses numbers as in protobuf's JSON.</summary>
internal static class RestValues
{
    public static string PythonType(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => "str",
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Number => value.TryGetInt64(out _) ? "int" : "float",
            JsonValueKind.Array => "list",
            JsonValueKind.Object => "dict",
            _ => "NoneType",
        };

    /// <summary>Python's json.dumps(value, sort_keys=True, separators=(",", ":")).</summary>
    public static string Compact(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    public static string Compact(string? value)
    {
        if (value is null)
        {
            return "null";
        }

        var text = new StringBuilder();
        PythonJson.WriteText(text, value);
        return text.ToString();
    }

    public static bool TryDouble(string text, out double value)
    {
        value = text switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => 0,
        };
        return value != 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                PythonJson.WriteText(text, value.GetString()!);
                break;
            case JsonValueKind.Object:
                text.Append('{');
                text.AppendJoin(
                    ',',
                    value
                        .EnumerateObject()
                        .OrderBy(p => p.Name, StringComparer.Ordinal)
                        .Select(p => $"{Compact(p.Name)}:{Compact(p.Value)}")
                );
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[').AppendJoin(',', value.EnumerateArray().Select(Compact)).Append(']');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }
}
