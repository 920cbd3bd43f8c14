namespace Serverless.Core.Tests;

public sealed class IdsTests
{
    [Fact]
    public void Ids_have_the_form_of_mlflows_ids_and_do_not_repeat()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => Ids.NewId()).ToHashSet();
        var numbers = Enumerable.Range(0, 1000).Select(_ => Ids.NewNumericId()).ToHashSet();

        Assert.Equal(1000, ids.Count);
        Assert.Equal(1000, numbers.Count);
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
        Assert.All(numbers, id => Assert.Matches("^[1-9][0-9]{17}$", id));
    }
}
