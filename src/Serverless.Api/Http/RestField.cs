using System.Globalization;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Api.Http;

/// <summary>The types of MLflow's protobuf fields, by their JSON forms.</summary>
internal enum RestType
{
    Text,

    /// <summary>A text that also comes as a number: an id, a version, an enum's name.</summary>
    TextOrNumber,
    Int64,
    Double,
    Bool,
    List,

    /// <summary>A list of strings.</summary>
    TextList,
}

/// <summary>A field of a request, with the checks that MLflow's server does first.</summary>
internal sealed record RestField(string Name, RestType Type, bool IsRequired = false, long? Max = null, string? OtherName = null)
{
    private const string See = " See the API docs for more information about request parameters.";

    /// <summary>The error in the value, in MLflow's words. Null if it is valid.</summary>
    public ServerlessException? Check(JsonElement? value, bool isParsed)
    {
        var given = value is { ValueKind: not JsonValueKind.Null } v ? v : (JsonElement?)null;
        // The order of MLflow's checks: the type first where the message could not be parsed, then presence, then bounds.
        if (!isParsed && given is { } wrong && !Fits(wrong))
        {
            return Invalid(wrong);
        }

        if (IsRequired && (given is null || (given.Value.ValueKind == JsonValueKind.String && given.Value.GetString()!.Length == 0)))
        {
            return ServerlessException.Invalid($"Missing value for required parameter '{Name}'.{See}");
        }

        // MLflow's server stores 0 for what does not fit. A metric at step 0 of the year 1970 is worse than an error.
        if (Type == RestType.Int64 && given is { ValueKind: JsonValueKind.Number } whole && Number(whole) is null)
        {
            return ServerlessException.Invalid(
                $"Invalid value {RestValues.Compact(whole)} for parameter '{Name}' supplied: It must be a valid long (64-bit integer)."
            );
        }

        return Max is { } max && given is { } number && Number(number) > max ? Invalid(number) : null;
    }

    /// <summary>True if protobuf's JSON parser accepts the value for this field.</summary>
    public bool Parses(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null
        || Type switch
        {
            RestType.Text => value.ValueKind == JsonValueKind.String,
            RestType.TextOrNumber => value.ValueKind == JsonValueKind.String || Number(value) is not null,
            RestType.Int64 => Number(value) is not null,
            // Python's float() takes True for 1: MLflow's clients log booleans.
            RestType.Double => value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                || (value.ValueKind == JsonValueKind.String && RestValues.TryDouble(value.GetString()!, out _)),
            RestType.Bool => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            RestType.TextList => value.ValueKind == JsonValueKind.Array
                && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String),
            _ => value.ValueKind == JsonValueKind.Array,
        };

    /// <summary>True if MLflow's own type check would pass. In places it is more lenient than protobuf's.</summary>
    private bool Fits(JsonElement value) => Parses(value) || (Type == RestType.Int64 && value.ValueKind == JsonValueKind.Number);

    internal static long? Number(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt64(out var whole) => whole,
            JsonValueKind.Number when value.GetDouble() is var d && d == Math.Truncate(d) && Math.Abs(d) < 9.2e18 => (long)d,
            JsonValueKind.String
                when long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ => null,
        };

    private ServerlessException Invalid(JsonElement value) =>
        ServerlessException.Invalid(
            $"Invalid value {RestValues.Compact(value)} for parameter '{Name}' supplied:  Hint: Value was of type "
                + $"'{RestValues.PythonType(value)}'.{See}"
        );
}
