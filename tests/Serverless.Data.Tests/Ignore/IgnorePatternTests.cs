using Serverless.Data.Ignore;

namespace Serverless.Data.Tests.Ignore;

/// <summary>Patterns as git and DVC's library read them; a folder is written with a slash at its end.</summary>
public sealed class IgnorePatternTests
{
    [Theory]
    [InlineData("top/data/**/", "top/data/", true)]
    [InlineData("top/data/**/", "top/data/raw/", true)]
    [InlineData("top/data/**/", "top/", false)]
    [InlineData("data/**/", "data/", true)]
    [InlineData("data/**/*.csv", "data/a.csv", true)]
    [InlineData("**/", "x", false)]
    [InlineData("**/", "x/", true)]
    [InlineData("**/", "x/y", true)]
    [InlineData("**/**/", "x", false)]
    [InlineData("a/**/b/", "a/b/", true)]
    [InlineData("a/**/b/", "a/x/y/b/", true)]
    [InlineData("a[^b]c", "axc", true)]
    [InlineData("a[^b]c", "abc", false)]
    [InlineData("a[!b]c", "abc", false)]
    public void A_pattern_matches_what_git_and_dvc_say(string pattern, string path, bool expected) =>
        Assert.Equal(expected, IgnorePattern.Parse(pattern)!.Matches(path.TrimEnd('/'), path.EndsWith('/')));

    [Theory]
    [InlineData("top/data/**\n!top/data/**/\n!top/data/**/*.csv\n", "top")]
    [InlineData("data/**\n!data/**/\n!data/**/*.csv\n", "")]
    public void All_but_the_csv_files_keeps_them_and_their_folders(string lines, string above)
    {
        using var folder = new Serverless.Testing.TestFolder();
        folder.Write(".dvcignore", lines);
        var rules = new IgnoreRules(folder.At(""));
        var data = Path.Combine(folder.At(""), above, "data");

        Assert.False(rules.IsIgnored(Path.Combine(data, "a.csv"), isFolder: false));
        Assert.False(rules.IsIgnored(Path.Combine(data, "raw", "c.csv"), isFolder: false));
        Assert.False(rules.IsIgnored(data, isFolder: true));
    }
}
