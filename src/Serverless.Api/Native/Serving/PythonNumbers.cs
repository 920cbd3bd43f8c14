namespace Serverless.Api.Native.Serving;

/// <summary>Rewrites NaN, Infinity and -Infinity, which Python's json writes, as valid JSON.</summary>
internal static class PythonNumbers
{
    /// <summary>NaN becomes null, an infinity a number that is parsed as infinity. Strings are not changed.</summary>
    public static ReadOnlyMemory<byte> ToJson(ReadOnlyMemory<byte> json)
    {
        var from = json.Span;
        if (from.IndexOf("NaN"u8) < 0 && from.IndexOf("Infinity"u8) < 0)
        {
            return json;
        }

        var to = new byte[json.Length + (json.Length / 3) + 1];
        var (count, inText) = (0, false);
        for (var i = 0; i < from.Length; i++)
        {
            var c = from[i];
            if (inText && c == '\\' && i + 1 < from.Length)
            {
                to[count++] = c;
                to[count++] = from[++i];
                continue;
            }

            inText ^= c == '"';
            var rest = from[i..];
            var word =
                inText ? default
                : rest.StartsWith("NaN"u8) ? "null"u8
                : rest.StartsWith("Infinity"u8) ? "1e999"u8
                : default;
            if (word.IsEmpty)
            {
                to[count++] = c;
                continue;
            }

            word.CopyTo(to.AsSpan(count));
            count += word.Length;
            i += word.Length == 4 ? 2 : 7;
        }

        return to.AsMemory(0, count);
    }
}
