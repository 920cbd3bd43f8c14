using System.Globalization;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Pipelines.Model;

/// <summary>
/// A value during the evaluation of a condition: null, bool, double, long or text. Lists and maps can only be tested for presence.
/// </summary>
internal readonly record struct ConditionValue(object? Value)
{
    public bool? AsBool => Value as bool?;

    public static ConditionValue From(JsonElement json) =>
        new(
            json.ValueKind switch
            {
                JsonValueKind.Null or JsonValueKind.Undefined => null,
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                // JSON has no way to write these numbers, so they travel as text.
                JsonValueKind.String => json.GetString() switch
                {
                    "NaN" => double.NaN,
                    "Infinity" => double.PositiveInfinity,
                    "-Infinity" => double.NegativeInfinity,
                    var text => (object?)text,
                },
                JsonValueKind.Number => json.TryGetInt64(out var whole) ? (object)whole : json.GetDouble(),
                _ => json.Clone(),
            }
        );

    public string Describe() =>
        Value switch
        {
            null => "null",
            bool b => b ? "true" : "false",
            string s => $"the text '{s}'",
            JsonElement { ValueKind: JsonValueKind.Array } => "a list",
            JsonElement => "a map",
            IFormattable number => $"the number {number.ToString(null, CultureInfo.InvariantCulture)}",
            _ => Value.ToString()!,
        };

    /// <summary>Null equals only null. Text and numbers are never compared.</summary>
    public bool IsEqual(ConditionValue other, string expression)
    {
        if (Value is null || other.Value is null)
        {
            return Value is null && other.Value is null;
        }

        if (Value is bool && other.Value is bool)
        {
            return Equals(Value, other.Value);
        }

        if (Value is JsonElement a && other.Value is JsonElement b)
        {
            return JsonElement.DeepEquals(a, b);
        }

        return Compare(other, expression) == 0;
    }

    /// <summary>Returns a negative number, zero or a positive number; null if one is NaN.</summary>
    public int? Compare(ConditionValue other, string expression)
    {
        switch (Value, other.Value)
        {
            case (string a, string b):
                return string.CompareOrdinal(a, b);
            case (long a, long b):
                return a.CompareTo(b);
            case (long or double, long or double):
                var (x, y) = (Number(Value), Number(other.Value));
                return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
            default:
                var fix =
                    Value is string || other.Value is string
                        ? "Compare text with text: add quotes to the value, or remove them. int(x) and double(x) parse a "
                            + "number from text."
                        : "Compare numbers with numbers, and text with text.";
                throw ServerlessException.Invalid($"'{expression}' cannot compare {Describe()} with {other.Describe()}.", fix);
        }
    }

    private static double Number(object? value) => value is long whole ? whole : (double)value!;
}
