using System.Globalization;
using System.Text;

namespace Serverless.Training.Tests.Support;

/// <summary>Small data with something in it to learn.</summary>
internal static class Samples
{
    public static string Churn { get; } = FindUp("samples/churn");

    /// <summary>Two numbers (one with gaps), a category, an id, a binary label and a number that depend on them.</summary>
    public static string Small(int rows = 300, int seed = 1)
    {
        var random = new Random(seed);
        var text = new StringBuilder("id,age,income,plan,active,bought,amount\n");
        for (var i = 0; i < rows; i++)
        {
            var age = random.Next(18, 80);
            var income = Math.Round(random.NextDouble() * 5000, 2);
            var plan = new[] { "free", "basic", "pro" }[random.Next(3)];
            var active = random.Next(2) == 0;
            var amount = (age * 0.5) + (income / 100) + (plan == "pro" ? 30 : 0) + (random.NextDouble() * 10);
            var gap = i % 10 == 3;
            text.Append(
                CultureInfo.InvariantCulture,
                $"c{i},{age},{(gap ? "" : income)},{plan},{(active ? "true" : "false")},"
                    + $"{(amount + (random.NextDouble() * 10) > 60 ? "yes" : "no")},{Math.Round(amount, 3)}\n"
            );
        }

        return text.ToString();
    }

    private static string FindUp(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, path)))
            {
                return Path.Combine(folder.FullName, path);
            }
        }

        throw new DirectoryNotFoundException(path);
    }
}
