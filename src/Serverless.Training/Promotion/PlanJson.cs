using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Pipelines.Model;

namespace Serverless.Training.Promotion;

/// <summary>
/// Reads the sections `promotion`, `rollout` and `alerts` of a policy, and the component parameters of the same names: snake_case keys,
/// unknown keys rejected, shares as `5%` or 0.05, durations as `10m`.
/// </summary>
public static class PlanJson
{
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        };

    /// <summary>Reads a section. Errors name the path of the key.</summary>
    public static T Read<T>(JsonElement section, string name)
    {
        try
        {
            return section.Deserialize<T>(Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            var at = e.Path is { Length: > 1 } path ? name + path[1..] : name;
            throw ServerlessException.Invalid($"'{at}' cannot be read: {Clear(e)}.", $"See docs/rollout.md for the keys of '{name}'.");
        }
    }

    private static string Clear(JsonException e)
    {
        var text = e.InnerException is FormatException inner ? inner.Message : e.Message;
        var end = text.IndexOf(" Path:", StringComparison.Ordinal);
        text = (end < 0 ? text : text[..end]).TrimEnd('.', ' ');
        return text.StartsWith("The JSON property '", StringComparison.Ordinal) && text.Split('\'') is { Length: > 2 } parts
            ? $"unknown key '{parts[1]}'"
            : text;
    }
}

/// <summary>`5%`, `0.05` or 0.05.</summary>
internal sealed class ShareConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
            ? reader.GetDouble()
            : Parse(reader.TokenType == JsonTokenType.String ? reader.GetString()! : "");

    public static double Parse(string text)
    {
        var isPercent = text.TrimEnd().EndsWith('%');
        return
            double.TryParse(text.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? isPercent
                ? number / 100
                : number
            : throw new JsonException($"'{text}' is not a share such as 5% or 0.05");
    }

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

/// <summary>`30s`, `10m`, `1h30m`, `2d` or a number of seconds; 0 is allowed.</summary>
internal sealed class TimeConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble().ToString("R", CultureInfo.InvariantCulture),
            JsonTokenType.String => reader.GetString()!,
            _ => "",
        };
        return Parse(text);
    }

    public static TimeSpan Parse(string text) =>
        text.Trim() is "0" or "0s"
            ? TimeSpan.Zero
            : Duration.Read(DataScalar.Text(text)) ?? throw new JsonException($"'{text}' is not {Duration.Expected}");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.TotalSeconds);
}
