using System.Globalization;
using System.Text;

namespace Serverless.Data.Params;

/// <summary>Decodes the escapes of a Python string. Unknown ones are kept as written.</summary>
internal static class PythonEscapes
{
    /// <summary>Decodes a string. Returns null for what only Python itself can resolve: `\N{…}`, or a broken escape.</summary>
    public static string? Resolve(string body)
    {
        var result = new StringBuilder();
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] != '\\' || i + 1 == body.Length)
            {
                result.Append(body[i]);
                continue;
            }

            var escape = body[++i];
            switch (escape)
            {
                case '\n':
                    break;
                case '\\' or '\'' or '"':
                    result.Append(escape);
                    break;
                case 'n':
                    result.Append('\n');
                    break;
                case 't':
                    result.Append('\t');
                    break;
                case 'r':
                    result.Append('\r');
                    break;
                case 'a':
                    result.Append('\a');
                    break;
                case 'b':
                    result.Append('\b');
                    break;
                case 'f':
                    result.Append('\f');
                    break;
                case 'v':
                    result.Append('\v');
                    break;
                case 'N':
                    return null;
                case 'x' or 'u' or 'U':
                    var length = escape switch
                    {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    if (
                        i + length >= body.Length
                        || !uint.TryParse(
                            body.AsSpan(i + 1, length),
                            NumberStyles.AllowHexSpecifier,
                            CultureInfo.InvariantCulture,
                            out var code
                        )
                        || code > 0x10FFFF
                    )
                    {
                        return null;
                    }

                    result.Append(code is >= 0xD800 and <= 0xDFFF ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
                    i += length;
                    break;
                case >= '0' and <= '7':
                    var value = 0;
                    var end = Math.Min(i + 3, body.Length);
                    for (; i < end && body[i] is >= '0' and <= '7'; i++)
                    {
                        value = (value * 8) + (body[i] - '0');
                    }

                    i--;
                    result.Append((char)value);
                    break;
                default:
                    result.Append('\\').Append(escape);
                    break;
            }
        }

        return result.ToString();
    }
}
