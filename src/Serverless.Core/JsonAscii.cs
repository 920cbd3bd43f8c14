using System.Globalization;
using System.Text;

namespace Serverless.Core;

/// <summary>Writes text as Python's json.dumps does with ensure_ascii: DEL and non-ASCII characters become \uXXXX.</summary>
public static class JsonAscii
{
    /// <summary>Writes the text without the surrounding quotes.</summary>
    public static void Append(StringBuilder to, string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '"':
                    to.Append("\\\"");
                    break;
                case '\\':
                    to.Append("\\\\");
                    break;
                case '\n':
                    to.Append("\\n");
                    break;
                case '\r':
                    to.Append("\\r");
                    break;
                case '\t':
                    to.Append("\\t");
                    break;
                case '\f':
                    to.Append("\\f");
                    break;
                case '\b':
                    to.Append("\\b");
                    break;
                case >= ' ' and <= '~':
                    to.Append(c);
                    break;
                default:
                    to.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
            }
        }
    }
}
