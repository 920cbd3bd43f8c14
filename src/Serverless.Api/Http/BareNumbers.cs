using System.Text.Json;

namespace Serverless.Api.Http;

/// <summary>Reads JSON in which NaN and the infinities stand without quotes, as Python's json module writes them.</summary>
internal static class BareNumbers
{
    private static readonly byte[][] Names =
    [
        [.. "NaN"u8],
        [.. "-Infinity"u8],
        [.. "Infinity"u8],
    ];

    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(json);
        }
        catch (JsonException) when (json.IndexOf(Names[0]) >= 0 || json.IndexOf(Names[2]) >= 0)
        {
            return JsonSerializer.Deserialize<JsonElement>(Quoted(json));
        }
    }

    /// <summary>The same with quotes, as protobuf's JSON has them; what stands in texts is left alone.</summary>
    private static byte[] Quoted(ReadOnlySpan<byte> json)
    {
        var quoted = new List<byte>(json.Length + 64);
        var isText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var rest = json[i..];
            if (!isText && Match(rest) is { } name)
            {
                quoted.AddRange([(byte)'"', .. name, (byte)'"']);
                i += name.Length - 1;
                continue;
            }

            quoted.Add(rest[0]);
            if (isText && rest[0] == '\\' && rest.Length > 1)
            {
                quoted.Add(rest[1]);
                i++;
            }
            else if (rest[0] == '"')
            {
                isText = !isText;
            }
        }

        return [.. quoted];
    }

    private static byte[]? Match(ReadOnlySpan<byte> rest)
    {
        foreach (var name in Names)
        {
            if (rest.StartsWith(name))
            {
                return name;
            }
        }

        return null;
    }
}
