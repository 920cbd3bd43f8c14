using System.CommandLine;
using System.Globalization;

namespace Serverless.Local.Commands;

internal static class OptionRange
{
    /// <summary>Refuses a number out of range; what is no number at all is refused by the parser.</summary>
    public static void MustBe(this Option option, int least, int most) =>
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [var token]
                && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var number)
                && (number < least || number > most)
            )
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be {least} to {most}."));
            }
        });
}
