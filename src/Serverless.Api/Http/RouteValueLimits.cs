using Microsoft.AspNetCore.Http;
using Serverless.Core;

namespace Serverless.Api.Http;

/// <summary>Names and ids have a length and an alphabet at the door; no store is asked for what can be none.</summary>
internal static class RouteValueLimits
{
    public const int LongestName = 256;
    public const int LongestPath = 1024;

    /// <summary>Values of a route that are paths, with slashes.</summary>
    private static readonly HashSet<string> Paths = ["path", "folder"];

    /// <summary>Checks the values that the address itself names.</summary>
    public static void Check(HttpContext http)
    {
        foreach (var (name, value) in http.Request.RouteValues)
        {
            if (value is string text)
            {
                Check(name, text, Paths.Contains(name) ? LongestPath : LongestName);
            }
        }
    }

    /// <summary>Checks one id or name.</summary>
    public static void Check(string name, string value, int longest = LongestName)
    {
        if (value.Length > longest)
        {
            throw ServerlessException.Invalid(
                FormattableString.Invariant(
                    $"Invalid value for parameter '{name}' supplied: it has {value.Length} characters; {longest} is the most."
                )
            );
        }

        for (var i = 0; i < value.Length; i++)
        {
            var isPair = i + 1 < value.Length && char.IsSurrogatePair(value[i], value[i + 1]);
            if (char.IsControl(value[i]) || value[i] is '\uFFFE' or '\uFFFF' || (char.IsSurrogate(value[i]) && !isPair))
            {
                throw ServerlessException.Invalid(
                    FormattableString.Invariant(
                        $"Invalid value for parameter '{name}' supplied: character {i + 1} is invisible, or half of one."
                    )
                );
            }

            i += isPair ? 1 : 0;
        }
    }
}
