namespace Serverless.Core.Tests;

public sealed class IdsTests
{
    [Fact]
    public void Ids_have_the_form_of_mlflows_ids_and_do_not_repeat()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => Ids.NewId()).ToHashSet();

        Assert.Equal(1000, ids.Count);
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }
}
